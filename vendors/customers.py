"""Finding customers: a vendor's own by its CRM's id or by name, any company that has a tenant by the tenant's id.

A tenant's id is public, as its subdomain is; so are, to vendors, the company's name, our customer number and whether the
tenant is open. Nothing else can be learned here of a tenant that the vendor has no account for, and none is found by its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop
from tenants.context import platform
from tenants.models import Tenant
from vendors import queries, terms
from vendors.models import CrmAccount
from vendors.refusals import AccountConflict

NOT_REGISTERED = "not_registered"


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """`status` is the tenant's, or `not_registered` for an account whose company has no tenant yet."""

    tenant_id: str
    company_name: str
    status: str
    crm_account_id: str | None = None
    platform_customer_id: str | None = None
    registered_at: datetime | None = None

    @property
    def has_tenant(self) -> bool:
        return self.status not in (NOT_REGISTERED, Tenant.Status.DELETED)


def find(vendor_id: str, *, crm_account_id: str = "", tenant_id: str = "", name: str = "") -> CustomerFacts | None:
    """By exactly one of the three; raises `InvalidInput` otherwise. In the vendor's scope."""
    if sum(map(bool, (crm_account_id, tenant_id, name))) != 1:
        one = gettext_noop("Give one of crm_account_id, tenant_id and name.")
        raise InvalidInput(errors=[FieldError("", "invalid", one)])
    accounts = queries.accounts_of(vendor_id)
    if crm_account_id:
        found = accounts.filter(crm_account_id=crm_account_id)
    elif tenant_id:
        found = accounts.filter(tenant_id=tenant_id)
    else:
        exact = accounts.filter(customer_name__iexact=name)
        found = exact if exact.exists() else accounts.filter(_is_called(name))
    account = found.order_by("customer_name", "crm_account_id").first()
    if account is None:
        return _any_active(tenant_id) if tenant_id else None
    return facts_of([account])[0]


@transaction.atomic
def link(actor: Actor, vendor_id: str, customer: terms.Customer) -> CrmAccount:
    """The CRM account is this tenant's from now on; made if it is new. A tenant that doesn't exist yet is one that will.

    In the vendor's scope. Raises `InvalidInput`, and `AccountConflict` for an account that has licenses in another tenant.
    """
    terms.refuse(*terms.faults_of_customer(customer))
    said = {"tenant_id": customer.tenant_id, "customer_name": customer.name, "contact_email": customer.contact_email}
    CrmAccount.objects.bulk_create(
        [CrmAccount(vendor_id=vendor_id, crm_account_id=customer.crm_account_id, created_at=clock.now(), **said)],
        ignore_conflicts=True,
    )
    account = queries.accounts_of(vendor_id).select_for_update().get(crm_account_id=customer.crm_account_id)
    if account.tenant_id != customer.tenant_id and account.licenses.exists():
        told = gettext_noop("CRM account %(account)s has licenses in the tenant %(tenant)s.")
        raise AccountConflict(Said(told, account=account.crm_account_id, tenant=account.tenant_id))
    for name, value in said.items():
        setattr(account, name, value)
    account.save(update_fields=list(said))
    events.record(
        "customer.linked",
        actor=actor,
        subject=("crm_account", account.crm_account_id),
        announce=False,
        tenant_id=account.tenant_id,
    )
    return account


def facts_of(accounts: list[CrmAccount]) -> list[CustomerFacts]:
    """One query for all of them; in the vendor's scope."""
    tenants = _tenants().in_bulk([account.tenant_id for account in accounts])
    return [_facts(account, tenants.get(account.tenant_id)) for account in accounts]


def _facts(account: CrmAccount, tenant: Tenant | None) -> CustomerFacts:
    if tenant is None:
        return CustomerFacts(account.tenant_id, account.customer_name, NOT_REGISTERED, account.crm_account_id)
    return _tenant_facts(tenant, account.crm_account_id)


def _any_active(tenant_id: str) -> CustomerFacts | None:
    with platform():
        tenant = _tenants().filter(id=tenant_id, status=Tenant.Status.ACTIVE, is_provisioned=True).first()
    return _tenant_facts(tenant, None) if tenant else None


def _tenant_facts(tenant: Tenant, crm_account_id: str | None) -> CustomerFacts:
    return CustomerFacts(
        tenant_id=tenant.id,
        company_name=tenant.company_name,
        status=tenant.status,
        crm_account_id=crm_account_id,
        platform_customer_id=tenant.crm_id,
        registered_at=tenant.created_at,
    )


def _tenants() -> QuerySet[Tenant]:
    """Only the columns that vendors may read."""
    return Tenant.objects.only("id", "company_name", "status", "crm_id", "created_at")


def _is_called(name: str) -> Q:
    """The name the vendor's CRM has, or the one the company registered with."""
    registered = Tenant.objects.filter(company_name__icontains=name).values("id")
    return Q(customer_name__icontains=name) | Q(tenant_id__in=registered)
