"""A closed deal becomes a license: signed, and in the customer's tenant when that is wanted and possible.

A CRM sends a deal as often as it likes, also twice at once: one opportunity is one license. Everything a deal brings with it (the
customer's CRM account, a product that is new, the license, its package, its grant in the tenant, audit entries) is one
transaction: there or not there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import count

import msgspec
from django.db import transaction

from audit import events
from cloudlicenses.kit import clock, money
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Said, gettext_noop
from vendors import catalog, contracts, packages, provisioning, queries, terms
from vendors.models import CrmAccount, IssuedLicense, Vendor
from vendors.refusals import AccountConflict, OpportunityConflict

COUNTRY_SUFFIX = re.compile(r"-[a-z]{2}\Z")


@dataclass(frozen=True, slots=True)
class Generated:
    """`is_new` False: the opportunity had this license already."""

    license: IssuedLicense
    is_new: bool


@transaction.atomic
def generate(actor: Actor, vendor_id: str, order: terms.Order) -> Generated:
    """The license of this order, in the vendor's scope.

    Raises `InvalidInput`, `OpportunityConflict` (the opportunity has a license with other content), `AccountConflict` (the CRM
    account is another tenant's), `ProductTaken`, and what `provisioning.deliver` raises.
    """
    terms.check(order)
    vendor = queries.vendor_for(vendor_id)
    if known := _known(vendor_id, order):
        return Generated(known, is_new=False)
    account = _lock_account(vendor_id, order.customer)
    if known := _known(vendor_id, order):  # sent twice at once: the other was first at the account's row
        return Generated(known, is_new=False)
    _keep_up(account, order.customer)
    license = _write(actor, vendor, account, order)
    if vendor.auto_provisioning if order.auto_provision is None else order.auto_provision:
        provisioning.deliver(actor, license)
    return Generated(license, is_new=True)


def _known(vendor_id: str, order: terms.Order) -> IssuedLicense | None:
    known = queries.find_license_of_opportunity(vendor_id, order.crm_opportunity_id)
    if known is not None and known.request_digest != _digest(order):
        raise OpportunityConflict(license_id=known.id)
    return known


def _lock_account(vendor_id: str, customer: terms.Customer) -> CrmAccount:
    """The CRM account, made now if it is new. Orders of one account come in one after the other."""
    made = CrmAccount(
        vendor_id=vendor_id, crm_account_id=customer.crm_account_id, customer_name=customer.name,
        tenant_id=customer.tenant_id, contact_email=customer.contact_email, created_at=clock.now(),
    )  # fmt: skip
    CrmAccount.objects.bulk_create([made], ignore_conflicts=True)
    account = queries.accounts_of(vendor_id).select_for_update().get(crm_account_id=customer.crm_account_id)
    if account.tenant_id != customer.tenant_id:
        told = gettext_noop("CRM account %(account)s is linked to the tenant %(tenant)s.")
        raise AccountConflict(Said(told, account=account.crm_account_id, tenant=account.tenant_id))
    return account


def _keep_up(account: CrmAccount, customer: terms.Customer) -> None:
    """The CRM is the authority on what its customers are called."""
    account.customer_name = customer.name
    account.contact_email = customer.contact_email or account.contact_email
    account.save(update_fields=["customer_name", "contact_email"])


def _write(actor: Actor, vendor: Vendor, account: CrmAccount, order: terms.Order) -> IssuedLicense:
    product = catalog.product_sold(actor, vendor.id, order.product)
    license = IssuedLicense(
        vendor=vendor, account=account, product=product, tenant_id=account.tenant_id,
        crm_opportunity_id=order.crm_opportunity_id, request_digest=_digest(order),
        version_constraint=order.product.version or product.version_constraint,
        features=list(product.features if order.product.features is None else order.product.features),
        status=IssuedLicense.Status.GENERATED, created_at=clock.now(),
        **_entitled(order.entitlement), **_contracted(order.contract),
    )  # fmt: skip
    _number(license)
    license.package = packages.sign(license)
    license.save(update_fields=["package"])
    events.record(
        "license.generated", actor=actor, subject=("license", license.id), tenant_id=license.tenant_id,
        crm_opportunity_id=license.crm_opportunity_id, product_id=product.id,
    )  # fmt: skip
    return license


def _entitled(entitlement: terms.Entitlement) -> dict[str, object]:
    return {
        "total_licenses": entitlement.total_licenses,
        "commit_qty": entitlement.commit_qty,
        "max_overage": entitlement.max_overage,
        "commit_fee_monthly": money.rounded(entitlement.commit_fee_monthly),
        "overage_per_use": money.rounded(entitlement.overage_per_use),
        "currency": entitlement.currency,
    }


def _contracted(contract: terms.Contract) -> dict[str, object]:
    """A contract that renews itself and was signed long ago is in a later term today."""
    end = contract.end_date
    if contract.auto_renew:
        end = contracts.end_covering(contract.start_date, contract.end_date, clock.today())
    return {
        "start_date": contract.start_date,
        "end_date": end,
        "first_end_date": contract.end_date,
        "auto_renew": contract.auto_renew,
        "billing_cycle": contract.billing_cycle,
    }


def _number(license: IssuedLicense) -> None:
    """Write the license under the first free number of its year. Ids are unique over all vendors, whom we can't see here, so
    the unique index has the last word on each."""
    vendor = COUNTRY_SUFFIX.sub("", license.vendor_id)
    stem = f"lic-{vendor}-{license.tenant_id}-{license.start_date.year}-"
    taken = queries.licenses_of(license.vendor_id).filter(id__startswith=stem).count()
    for number in count(taken + 1):
        license.id = f"{stem}{number:03d}"
        IssuedLicense.objects.bulk_create([license], ignore_conflicts=True)
        written = queries.find_license_of_opportunity(license.vendor_id, license.crm_opportunity_id)
        if written is not None and written.request_digest != license.request_digest:
            raise OpportunityConflict(license_id=written.id)  # came in meanwhile, by way of another account
        if written is not None:
            return


def _digest(order: terms.Order) -> str:
    return hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest()
