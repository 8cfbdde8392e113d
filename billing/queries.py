"""Bills are queries over the ledger and nothing else: a vendor's by customer, a customer's by vendor. Same records, same sums.

What a customer reads of a month that is closed for good comes from the ledger's roll-up (rollup.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, DecimalField, Max, Q, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth

from billing import ledger
from billing.models import ClosedMonth, UsageRecord
from cloudlicenses.kit import months
from licensing.models import License
from tenants.context import platform
from vendors.models import IssuedLicense

Kind = UsageRecord.Kind
NOTHING = Decimal("0.00")
# A customer's month by vendor, product and currency, each with its licenses. Grouped by what stands in a row, which PostgreSQL
# counts in memory; grouped by a month worked out of each row it would sort them all on disk.
COSTS = """
    SELECT vendor_id, product_id, currency,
           sum(commits)::bigint, sum(overages)::bigint, sum(overage_cost), sum(fee), sum(seats)::bigint,
           array_agg(license_id ORDER BY license_id)
      FROM (
           SELECT license_id, vendor_id, product_id, currency,
                  coalesce(sum(number) FILTER (WHERE kind = 'commit'), 0) AS commits,
                  coalesce(sum(number) FILTER (WHERE kind = 'overage'), 0) AS overages,
                  coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0.00) AS overage_cost,
                  coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0.00) AS fee,
                  coalesce(max(seats) FILTER (WHERE kind = 'commit_fee'), 0) AS seats
             FROM ({facts}) AS facts GROUP BY 1, 2, 3, 4
           ) AS of_licenses
     GROUP BY 1, 2, 3
"""
COUNTED = COSTS.format(
    facts="""
    SELECT license_id, vendor_id, product_id, currency, kind, 1 AS number, amount, seats FROM billing_usagerecord
     WHERE tenant_id = %(tenant_id)s AND at >= %(start)s AND at < %(end)s
"""
)
# The same of a month that won't change any more, in which a line stands for thousands of facts.
ROLLED_UP = COSTS.format(
    facts="""
    SELECT license_id, vendor_id, product_id, currency, kind, quantity AS number, amount, seats FROM billing_statementline
     WHERE tenant_id = %(tenant_id)s AND month = %(month)s
"""
)


@dataclass(frozen=True, slots=True)
class LicenseNames:
    """What a bill says of a license besides its figures."""

    crm_account_id: str
    customer_name: str
    product_name: str


@dataclass(slots=True)
class Figures:
    """What a bill sums. `commit_seats` is how many seats the commit fee paid for."""

    currency: str
    commit_checkouts: int = 0
    overage_checkouts: int = 0
    overage_cost: Decimal = NOTHING
    commit_fee: Decimal = NOTHING
    commit_seats: int = 0

    @property
    def total(self) -> Decimal:
        return self.overage_cost + self.commit_fee

    def add(self, other: Figures) -> None:
        self.commit_checkouts += other.commit_checkouts
        self.overage_checkouts += other.overage_checkouts
        self.overage_cost += other.overage_cost
        self.commit_fee += other.commit_fee
        self.commit_seats += other.commit_seats


@dataclass(slots=True)
class VendorRow:
    """One customer, product and month of a vendor's bill (and currency, should it have changed in the month)."""

    crm_account_id: str
    customer_name: str
    tenant_id: str
    product_id: str
    product_name: str
    month: date
    figures: Figures
    license_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CostRow:
    """One vendor and product of a customer's month."""

    vendor_id: str
    vendor_name: str
    product_id: str
    product_name: str
    figures: Figures
    license_ids: list[str] = field(default_factory=list)


def vendor_rows(vendor_id: str, start: date, end: date, *, crm_account_id: str = "") -> list[VendorRow]:
    """What happened from `start` to the end of `end` (UTC), by customer, product and month; in the vendor's scope.

    A month's commit fee stands in the ledger at its first instant, so it is in the range that holds that day.
    """
    ledger.ensure_commit_fees(start, end, vendor_id=vendor_id)
    facts = _summed(UsageRecord.objects.filter(vendor_id=vendor_id), start, end)
    names = names_of_licenses({fact["license_id"] for fact in facts})
    rows: dict[tuple[Any, ...], VendorRow] = {}
    for fact in facts:
        known, month, figures = names[fact["license_id"]], fact["month"].date(), _figures(fact)
        if crm_account_id and known.crm_account_id != crm_account_id:
            continue
        key = (known.crm_account_id, fact["product_id"], month, figures.currency)
        row = rows.setdefault(
            key,
            VendorRow(
                known.crm_account_id, known.customer_name, fact["tenant_id"], fact["product_id"], known.product_name,
                month, Figures(figures.currency),
            ),
        )  # fmt: skip
        row.figures.add(figures)
        row.license_ids.append(fact["license_id"])
    return sorted(
        rows.values(),
        key=lambda row: (
            row.customer_name,
            row.crm_account_id,
            row.month,
            row.product_name,
            row.product_id,
            row.figures.currency,
        ),
    )


def tenant_costs(tenant_id: str, month: date) -> list[CostRow]:
    """What a month costs a customer, by vendor and product; in the tenant's scope, from the very records its vendors bill."""
    called = {id: names for id, *names in License.objects.values_list("id", "vendor_name", "product_name")}
    rows = []
    for vendor_id, product_id, currency, *counted, license_ids in _costs(tenant_id, month):
        vendor_name, product_name = called.get(license_ids[0], (vendor_id, product_id))
        rows.append(CostRow(vendor_id, vendor_name, product_id, product_name, Figures(currency, *counted), license_ids))
    return sorted(
        rows,
        key=lambda row: (row.vendor_name, row.vendor_id, row.product_name, row.product_id, row.figures.currency),
    )


def totals_by_currency(every: Iterable[Figures]) -> list[Figures]:
    """Sums, a currency each; never across currencies."""
    totals: dict[str, Figures] = {}
    for figures in every:
        totals.setdefault(figures.currency, Figures(figures.currency)).add(figures)
    return [totals[currency] for currency in sorted(totals)]


def totals_by_vendor(rows: Iterable[CostRow]) -> list[tuple[str, str, Figures]]:
    """What each vendor bills, a currency each: its id, its name, the sums; the dearest first."""
    totals: dict[tuple[str, str], tuple[str, str, Figures]] = {}
    for row in rows:
        currency = row.figures.currency
        of_vendor = totals.setdefault((row.vendor_id, currency), (row.vendor_id, row.vendor_name, Figures(currency)))
        of_vendor[2].add(row.figures)
    return sorted(totals.values(), key=lambda each: (-each[2].total, each[1]))


def is_final(month: date) -> bool:
    """Whether the month was closed for good: its fees and prices can't change any more."""
    with platform():
        return ClosedMonth.objects.filter(month=month, is_final=True).exists()


def names_of_licenses(license_ids: Iterable[str]) -> dict[str, LicenseNames]:
    """Customer and product of each license, as they are called today."""
    found = IssuedLicense.objects.filter(id__in=license_ids).values_list(
        "id", "account__crm_account_id", "account__customer_name", "product__name"
    )
    return {license_id: LicenseNames(*names) for license_id, *names in found}


def _costs(tenant_id: str, month: date) -> list[tuple[Any, ...]]:
    """As `COSTS` says; of a month that is not closed for good from the ledger itself, with the fees that are due."""
    limits: dict[str, Any] = {
        "tenant_id": tenant_id,
        "month": month,
        "start": months.start_of(month),
        "end": months.start_of(months.following(month)),
    }
    is_closed = is_final(month)
    if not is_closed:
        ledger.ensure_commit_fees(month, month, tenant_id=tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(ROLLED_UP if is_closed else COUNTED, limits)
        return list(cursor.fetchall())


def _summed(records: Any, start: date, end: date) -> list[dict[str, Any]]:
    def summed(kind: str) -> Coalesce:
        return Coalesce(Sum("amount", filter=Q(kind=kind)), Value(NOTHING), output_field=DecimalField())

    return list(
        records.filter(at__gte=months.start_of(start), at__lt=months.start_of(end + timedelta(days=1)))
        .annotate(month=TruncMonth("at", tzinfo=UTC))
        .values("month", "license_id", "product_id", "tenant_id", "vendor_id", "currency")
        .annotate(
            commit_checkouts=Count("entry", filter=Q(kind=Kind.COMMIT)),
            overage_checkouts=Count("entry", filter=Q(kind=Kind.OVERAGE)),
            overage_cost=summed(Kind.OVERAGE),
            commit_fee=summed(Kind.COMMIT_FEE),
            commit_seats=Coalesce(Max("seats", filter=Q(kind=Kind.COMMIT_FEE)), 0),
        )
        .order_by("month", "license_id", "currency")
    )


def _figures(fact: dict[str, Any]) -> Figures:
    names = ("currency", "commit_checkouts", "overage_checkouts", "overage_cost", "commit_fee", "commit_seats")
    return Figures(**{name: fact[name] for name in names})
