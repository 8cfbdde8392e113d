"""Down to the single checkout: the ledger's lines of a customer's month, each with whose lease it was; in the tenant's scope.

Who and where are the lease's, which never leaves the tenant; the ledger knows neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from billing.models import UsageRecord
from cloudlicenses.kit import months
from licensing.models import Lease, License

NEWEST_FIRST = ("-at", "entry")
KINDS = (UsageRecord.Kind.OVERAGE, UsageRecord.Kind.COMMIT, UsageRecord.Kind.COMMIT_FEE)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line. `user` and `hostname` are empty for a commit fee."""

    entry: str
    at: datetime
    kind: str
    license_id: str
    vendor_name: str
    product_name: str
    amount: Decimal
    currency: str
    user: str
    hostname: str


def records(
    tenant_id: str, month: date, *, vendor_id: str = "", product_id: str = "", kind: str = ""
) -> QuerySet[UsageRecord]:
    """The month's lines; empty means all."""
    start, end = months.start_of(month), months.start_of(months.following(month))
    found = UsageRecord.objects.filter(tenant_id=tenant_id, at__gte=start, at__lt=end)
    wanted = {"vendor_id": vendor_id, "product_id": product_id, "kind": kind}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def charges_of(rows: Iterable[UsageRecord]) -> Iterator[Charge]:
    """Each line with its lease's user and host and its license's names, in two queries for all of them."""
    lines = list(rows)
    leases = Lease.objects.only("user", "hostname").in_bulk([line.entry for line in lines])
    licenses = License.objects.only("vendor_name", "product_name").in_bulk({line.license_id for line in lines})
    for line in lines:
        lease, license_ = leases.get(line.entry), licenses.get(line.license_id)
        yield Charge(
            entry=line.entry, at=line.at, kind=line.kind, license_id=line.license_id,
            vendor_name=license_.vendor_name if license_ else line.vendor_id,
            product_name=license_.product_name if license_ else line.product_id,
            amount=line.amount, currency=line.currency,
            user=lease.user if lease else "", hostname=lease.hostname if lease else "",
        )  # fmt: skip
