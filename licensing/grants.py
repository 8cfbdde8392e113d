"""What a tenant has been granted: the licenses in its schema, as vendors sell and change them.

`vendors` calls these in the tenant's scope, inside the transaction that changes its own record, so the two never disagree. A grant
is a snapshot of terms with a revision; an older or equal revision changes nothing, so everything here may be repeated. Terms take
effect at the next checkout. Nobody in the middle of work loses a seat, except when a license is revoked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from licensing.models import Lease, License


@dataclass(frozen=True, slots=True)
class Terms:
    """A license as its vendor grants it now; the names are those of the tenant's row."""

    id: str
    vendor_id: str
    vendor_name: str
    product_id: str
    product_name: str
    version_constraint: str
    features: list[str]
    total_licenses: int
    commit_qty: int
    max_overage: int
    commit_fee_monthly: Decimal
    overage_per_use: Decimal
    currency: str
    starts_at: datetime
    ends_at: datetime
    auto_renew: bool
    package: str
    revision: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What counts against a tenant's plan."""

    vendors: frozenset[str]
    licenses: int


def held() -> Holdings:
    """Of all licenses of this tenant that weren't revoked."""
    usable = License.objects.exclude(status=License.Status.REVOKED)
    return Holdings(
        vendors=frozenset(usable.values_list("vendor_id", flat=True)),
        licenses=usable.aggregate(sum=Sum("total_licenses"))["sum"] or 0,
    )


@transaction.atomic
def provision(actor: Actor, terms: Terms) -> None:
    """The license is there, with these terms; applications may check out."""
    given = {**asdict(terms), "provisioned_at": clock.now()}
    _, is_new = License.objects.get_or_create(pk=terms.id, defaults=given)
    if is_new:
        _record(actor, "license.provisioned", terms)
    else:
        amend(actor, terms)


@transaction.atomic
def amend(actor: Actor, terms: Terms) -> None:
    """Other quantities, prices or days. Seats in use stay, even if they are more than the terms now allow."""
    _change(actor, "license.amended", terms)


@transaction.atomic
def suspend(actor: Actor, terms: Terms) -> None:
    """No new checkouts. Seats in use may be kept and returned."""
    _change(actor, "license.suspended", terms, status=License.Status.SUSPENDED)


@transaction.atomic
def resume(actor: Actor, terms: Terms) -> None:
    _change(actor, "license.resumed", terms, status=License.Status.ACTIVE)


@transaction.atomic
def revoke(actor: Actor, terms: Terms) -> None:
    """The license ends for good, and with it every lease of it: its applications hear `lease_revoked`."""
    if _change(actor, "license.revoked", terms, status=License.Status.REVOKED):
        _end_leases(terms.id)


@transaction.atomic
def rename_vendor(vendor_id: str, name: str) -> int:
    """Licenses bear their vendor's new name; no terms change, so no revision does. How many had another one."""
    others = License.objects.filter(vendor_id=vendor_id).exclude(vendor_name=name)
    found = list(others.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return License.objects.filter(pk__in=found).update(vendor_name=name)


def _change(actor: Actor, event: str, terms: Terms, **status: str) -> bool:
    """Lock the license and put the new terms in place; False when it had this revision already."""
    license = License.objects.select_for_update().get(pk=terms.id)
    if license.revision >= terms.revision:
        return False
    changes = {**asdict(terms), **status}
    for name, value in changes.items():
        setattr(license, name, value)
    license.save(update_fields=[name for name in changes if name != "id"])
    _record(actor, event, terms)
    return True


def _record(actor: Actor, event: str, terms: Terms) -> None:
    """In the tenant's audit log. The vendor's own entry announces it, once."""
    events.record(
        event, actor=actor, subject=("license", terms.id), vendor_id=terms.vendor_id, announce=False,
        product_id=terms.product_id, revision=terms.revision, total_licenses=terms.total_licenses,
        commit_qty=terms.commit_qty, max_overage=terms.max_overage, overage_per_use=str(terms.overage_per_use),
        commit_fee_monthly=str(terms.commit_fee_monthly), currency=terms.currency, ends_at=clock.rfc3339(terms.ends_at),
    )  # fmt: skip


def _end_leases(license_id: str) -> None:
    """All seats at one instant, under the license's lock; those that have lapsed by then are reclaimed as lapsed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM clock_timestamp() at, seat_reclaim(%s, at)", [license_id])
        (at,) = cursor.fetchone()
    Lease.objects.filter(license_id=license_id, ended_at=None).update(ended_at=at, ended_by="revoked")
    License.objects.filter(pk=license_id).update(commit_in_use=0, overage_in_use=0)
