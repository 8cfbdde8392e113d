"""Putting a license into its customer's tenant: at once, when the vendor asks, or when the tenant comes to be.

The vendor's record and the tenant's are one transaction. The tenant's row is locked first, so that no tenant is suspended or
deleted in between, and two vendors at once can't both take what a plan has left. The customer hears by e-mail after commit.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import QuerySet

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM, Actor
from cloudlicenses.kit.refusals import NotFound, Said, gettext_noop
from licensing import grants
from tenants.context import acting_for, inside, platform
from tenants.models import Tenant
from tenants.plans import PLANS
from tenants.queries import tenant_for_update
from vendors import customer_side, queries
from vendors.models import IssuedLicense
from vendors.refusals import AccountConflict, CustomerNotActive, LicenseRevoked, PlanLimitReached

Status = IssuedLicense.Status
MOST_AT_ONCE = 200

log = structlog.get_logger("provisioning")


@dataclass(frozen=True, slots=True)
class Notification:
    """What the customer is told, besides the facts; without an address, the account's contact hears of it."""

    email: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Provisioned:
    license: IssuedLicense
    customer_notified: bool


@transaction.atomic
def provision(
    actor: Actor, vendor_id: str, license_id: str, *, crm_account_id: str = "", notification: Notification | None = None
) -> Provisioned:
    """Into the customer's tenant, or `pending_customer` until there is one. Repeatable; a notification sent along with a
    repetition is sent again.

    Raises `NotFound`, `AccountConflict`, `LicenseRevoked`, and what `deliver` raises.
    """
    _lock_tenant(queries.license_for(vendor_id, license_id).tenant_id)  # the tenant before the license, everywhere
    license = queries.license_for_update(vendor_id, license_id)
    if crm_account_id and crm_account_id != license.account.crm_account_id:
        other = gettext_noop("This license was generated for CRM account %(account)s.")
        raise AccountConflict(Said(other, account=license.account.crm_account_id))
    if license.status == Status.REVOKED:
        raise LicenseRevoked
    if license.provisioned_at is None:
        return Provisioned(license, customer_notified=deliver(actor, license, notification))
    if notification is not None:
        _announce("license.announced", actor, license, notification)
    return Provisioned(license, customer_notified=notification is not None)


def deliver(actor: Actor, license: IssuedLicense, notification: Notification | None = None) -> bool:
    """Provision a license that this transaction holds; whether the customer has it now and is told.

    Raises `CustomerNotActive`, `PlanLimitReached`.
    """
    tenant = _lock_tenant(license.tenant_id)
    if tenant is None or tenant.status == Tenant.Status.PROVISIONING:
        license.status = Status.PENDING_CUSTOMER
        license.save(update_fields=["status"])
        return False
    if tenant.status != Tenant.Status.ACTIVE:
        raise CustomerNotActive
    _refuse_beyond_plan(license, tenant)
    license.status, license.provisioned_at = Status.PROVISIONED, clock.now()
    license.save(update_fields=["status", "provisioned_at"])
    customer_side.put(grants.provision, license, actor)
    _announce("license.provisioned", actor, license, notification or Notification())
    return True


def provision_waiting(tenant_id: str) -> int:
    """Everything that waits for this tenant, now that it is there; how many licenses arrived. Repeatable; in platform scope."""
    return sum(_provision_if_possible(license) for license in _waiting().filter(tenant_id=tenant_id))


def provision_all_waiting() -> int:
    """What an onboarding step couldn't see, because it was generated at the same moment. In platform scope."""
    open_tenants = Tenant.objects.filter(status=Tenant.Status.ACTIVE, is_provisioned=True).values("id")
    waiting = _waiting().filter(tenant_id__in=open_tenants)[:MOST_AT_ONCE]
    return sum(_provision_if_possible(license) for license in waiting)


def _waiting() -> QuerySet[IssuedLicense]:
    return IssuedLicense.objects.filter(status=Status.PENDING_CUSTOMER).order_by("created_at", "id")


def _provision_if_possible(license: IssuedLicense) -> bool:
    """One that fails (it was revoked just now, its customer's tables are locked) holds up no other, and is tried again."""
    try:
        return _provision_one(license)
    except Exception as error:  # of whatever kind
        log.error("a license waits on", license=license.id, tenant=license.tenant_id, exc_info=error)
        return False


def _provision_one(license: IssuedLicense) -> bool:
    """In a transaction of its own. What the customer's plan has no room for is the vendor's to provision later."""
    with acting_for(license.vendor_id), transaction.atomic():
        try:
            done = provision(SYSTEM, license.vendor_id, license.id)
        except CustomerNotActive:
            return False
        except PlanLimitReached as refusal:
            queries.license_for_update(license.vendor_id, license.id)
            IssuedLicense.objects.filter(id=license.id).update(status=Status.GENERATED)
            events.record(
                "license.provisioned", actor=SYSTEM, subject=("license", license.id), code=refusal.code, announce=False
            )
            return False
    return done.license.provisioned_at is not None


def _lock_tenant(tenant_id: str) -> Tenant | None:
    """A vendor's own eyes don't reach a tenant's plan."""
    with platform():
        try:
            return tenant_for_update(tenant_id)
        except NotFound:
            return None


def _refuse_beyond_plan(license: IssuedLicense, tenant: Tenant) -> None:
    plan = PLANS.get(tenant.plan)
    if plan is None or (plan.vendors is None and plan.licenses is None):
        return
    with inside(tenant.id):
        held = grants.held()
    too_many_vendors = plan.vendors is not None and len(held.vendors | {license.vendor_id}) > plan.vendors
    if too_many_vendors or (plan.licenses is not None and held.licenses + license.total_licenses > plan.licenses):
        raise PlanLimitReached  # which plan it is, and what else is there, is not the vendor's to know


def _announce(event: str, actor: Actor, license: IssuedLicense, notification: Notification) -> None:
    """The mail is made of this entry (vendors/mails.py)."""
    events.record(
        event,
        actor=actor,
        subject=("license", license.id),
        tenant_id=license.tenant_id,
        email=notification.email or license.account.contact_email,
        message=notification.message,
    )
