"""What becomes of a license after it was sold: amended, suspended, resumed, revoked, renewed.

Each change takes effect at once and never backwards: the ledger keeps what it has. It raises the revision, is signed anew, and
reaches the customer's tenant in the same transaction. Suspending, resuming and revoking twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit import events
from cloudlicenses.kit import clock, money
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, Said, gettext_noop
from licensing import grants
from vendors import contracts, customer_side, packages, queries, terms
from vendors.models import IssuedLicense
from vendors.refusals import LicenseNotProvisioned, LicenseRevoked

Status = IssuedLicense.Status
QUANTITIES = ("total_licenses", "commit_qty", "max_overage")
PRICES = ("commit_fee_monthly", "overage_per_use")
DURATION = ("end_date", "auto_renew")


@dataclass(frozen=True, slots=True)
class Amendment:
    """None: as it was."""

    total_licenses: int | None = None
    commit_qty: int | None = None
    max_overage: int | None = None
    allow_unused_seats: bool = False
    commit_fee_monthly: Decimal | None = None
    overage_per_use: Decimal | None = None
    end_date: date | None = None
    auto_renew: bool | None = None

    @property
    def changes(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in (*QUANTITIES, *PRICES, *DURATION)}
        return {name: value for name, value in named.items() if value is not None}


@transaction.atomic
def amend(actor: Actor, vendor_id: str, license_id: str, amendment: Amendment) -> IssuedLicense:
    """Other quantities, prices, end date or renewal. No seat in use is taken away.

    Raises `NotFound`, `InvalidInput`, `LicenseRevoked`.
    """
    license = _usable(vendor_id, license_id)
    terms.refuse(*faults_of_amendment(license, amendment))
    before = {name: getattr(license, name) for name in amendment.changes}
    if "end_date" in amendment.changes:
        license.first_end_date = license.first_end_date or license.end_date
    for name, value in amendment.changes.items():
        setattr(license, name, money.rounded(value) if name in PRICES else value)
    _settle_term(license)
    after = {name: getattr(license, name) for name in before}
    if after == before:
        return license
    return _changed("license.amended", grants.amend, license, actor, before=_told(before), after=_told(after))


@transaction.atomic
def suspend(actor: Actor, vendor_id: str, license_id: str) -> IssuedLicense:
    """New checkouts are refused; seats in use may be kept. Raises `NotFound`, `LicenseRevoked`, `LicenseNotProvisioned`."""
    license = _usable(vendor_id, license_id)
    if license.provisioned_at is None:
        raise LicenseNotProvisioned
    if license.status == Status.SUSPENDED:
        return license
    license.status = Status.SUSPENDED
    return _changed("license.suspended", grants.suspend, license, actor)


@transaction.atomic
def resume(actor: Actor, vendor_id: str, license_id: str) -> IssuedLicense:
    """Checkouts are granted again. Raises `NotFound`, `LicenseRevoked`, `LicenseNotProvisioned`."""
    license = _usable(vendor_id, license_id)
    if license.provisioned_at is None:
        raise LicenseNotProvisioned
    if license.status != Status.SUSPENDED:
        return license
    license.status = Status.PROVISIONED
    return _changed("license.resumed", grants.resume, license, actor)


@transaction.atomic
def revoke(actor: Actor, vendor_id: str, license_id: str) -> IssuedLicense:
    """The license ends for good, and with it every seat in use. Raises `NotFound`."""
    license = queries.license_for_update(vendor_id, license_id)
    if license.status == Status.REVOKED:
        return license
    license.status, license.revoked_at = Status.REVOKED, clock.now()
    return _changed("license.revoked", grants.revoke, license, actor)


@transaction.atomic
def renew(actor: Actor, vendor_id: str, license_id: str, *, end_date: date | None = None) -> IssuedLicense:
    """Until `end_date`, or one more term. To the day on which it ends already, it changes nothing.

    Raises `NotFound`, `InvalidInput`, `LicenseRevoked`.
    """
    license = _usable(vendor_id, license_id)
    if end_date == license.end_date:
        return license
    first_end = license.first_end_date or license.end_date
    later = end_date or contracts.next_end(license.start_date, first_end, license.end_date)
    if later < license.end_date or later > terms.LATEST:
        terms.refuse(
            FieldError(
                "end_date",
                "invalid",
                Said(
                    gettext_noop("A day after %(end)s, at most %(latest)s."), end=license.end_date, latest=terms.LATEST
                ),
            )
        )
    before, license.first_end_date, license.end_date = license.end_date, first_end, later
    _settle_term(license)
    return _changed("license.renewed", grants.amend, license, actor, before=str(before), after=str(license.end_date))


@transaction.atomic
def roll_forward(actor: Actor, vendor_id: str, license_id: str) -> IssuedLicense:
    """What the calendar does to a contract that is over: the next term begins, or the license has expired. Raises `NotFound`."""
    license = queries.license_for_update(vendor_id, license_id)
    before = license.end_date
    if license.status in (Status.REVOKED, Status.EXPIRED) or before >= clock.today():
        return license
    _settle_term(license)
    if license.end_date != before:
        return _changed(
            "license.renewed", grants.amend, license, actor, before=str(before), after=str(license.end_date)
        )
    if license.status == Status.PROVISIONED:
        license.status = Status.EXPIRED
        license.save(update_fields=["status"])
        events.record("license.expired", actor=actor, subject=("license", license.id), tenant_id=license.tenant_id)
    return license


def _usable(vendor_id: str, license_id: str) -> IssuedLicense:
    license = queries.license_for_update(vendor_id, license_id)
    if license.status == Status.REVOKED:
        raise LicenseRevoked
    return license


def faults_of_amendment(license: IssuedLicense, amendment: Amendment) -> list[FieldError]:
    """What keeps these terms from being agreed; nothing is changed."""
    changes = amendment.changes
    if not changes:
        return [FieldError("", "required", gettext_noop("Name what to amend, in entitlement or in contract."))]
    quantities_change = any(name in changes for name in QUANTITIES)
    entitlement = terms.Entitlement(
        **{name: changes.get(name, getattr(license, name)) for name in (*QUANTITIES, *PRICES)},
        currency=license.currency,
        allow_unused_seats=amendment.allow_unused_seats or not quantities_change,
    )
    contract = terms.Contract(license.start_date, changes.get("end_date", license.end_date))
    faults = [_inside("entitlement", fault) for fault in terms.faults_of_entitlement(entitlement)]
    faults += [_inside("contract", fault) for fault in terms.faults_of_contract(contract)]
    if "end_date" in changes and contract.end_date < clock.today():
        faults.append(
            FieldError("contract.end_date", "past", gettext_noop("Nothing is changed backwards: today or later."))
        )
    return faults


def _inside(part: str, fault: FieldError) -> FieldError:
    return replace(fault, field=f"{part}.{fault.field}")


def _settle_term(license: IssuedLicense) -> None:
    """A contract that renews itself covers today; a license that had expired and is covered again can be used again."""
    if license.auto_renew and license.end_date < clock.today():
        license.first_end_date = license.first_end_date or license.end_date
        license.end_date = contracts.end_covering(license.start_date, license.first_end_date, clock.today())
    if license.status == Status.EXPIRED and license.end_date >= clock.today():
        license.status = Status.PROVISIONED


def _changed(
    event: str, change: Callable[[Actor, grants.Terms], None], license: IssuedLicense, actor: Actor, **facts: Any
) -> IssuedLicense:
    """Sign, save, tell the tenant's schema and the audit log."""
    license.revision += 1
    license.package = packages.sign(license)
    license.save()
    customer_side.carry_over(change, license, actor)
    events.record(
        event, actor=actor, subject=("license", license.id), tenant_id=license.tenant_id,
        revision=license.revision, **facts,
    )  # fmt: skip
    return license


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
