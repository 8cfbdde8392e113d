"""A vendor's revenue, month by month and customer by customer: what its exports say, fast enough for a page.

A month that is closed for good is read from its statement lines or their sums, any other from the ledger; all give the same
figures (tests/billing/test_revenue.py). In the vendor's scope; sums are by currency, never across.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from billing import trend
from billing.models import ClosedMonth, UsageRecord, VendorMonth
from billing.queries import Figures, totals_by_currency
from cloudlicenses.kit import clock, months
from tenants.context import platform
from vendors.models import IssuedLicense

# A month's facts, from its statement lines or the ledger itself; a row stands for `number` of them. `{only}` may leave some out.
LINES = """
    SELECT month, license_id, currency, kind, quantity AS number, amount
      FROM billing_statementline WHERE vendor_id = %(vendor_id)s AND month = ANY (%(closed)s){only}
"""
LEDGER = """
    SELECT %(month_{n})s::date AS month, license_id, currency, kind, 1 AS number, amount
      FROM billing_usagerecord WHERE vendor_id = %(vendor_id)s AND at >= %(start_{n})s AND at < %(end_{n})s{only}
"""
# Where a customer's facts are found soonest: a license's are all of the tenant that it was sold to.
OF_ACCOUNT = (
    " AND tenant_id = ANY (ARRAY (SELECT tenant_id FROM vendors_issuedlicense WHERE account_id = %(account_id)s))"
)
FIGURES = """
    coalesce(sum(number) FILTER (WHERE kind = 'commit'), 0)::bigint AS commit_checkouts,
    coalesce(sum(number) FILTER (WHERE kind = 'overage'), 0)::bigint AS overage_checkouts,
    coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0) AS overage_cost,
    coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0) AS commit_fee
"""
BY_MONTH = f"SELECT month, currency, {FIGURES} FROM facts GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608 - of constants
# The bills of a page, and last, without an id, the sums of all there are: what the ledger has is added up once.
BY_ACCOUNT = f"""
    , bills AS MATERIALIZED (
        SELECT license.account_id AS id, facts.currency, {FIGURES}
          FROM facts JOIN vendors_issuedlicense AS license ON license.id = facts.license_id
         GROUP BY 1, 2
    ), shown AS (
        SELECT id, customer_name, crm_account_id, currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee
          FROM bills JOIN vendors_crmaccount AS account USING (id)
         WHERE %(words)s = '' OR concat_ws(' ', customer_name, crm_account_id, tenant_id) ILIKE %(words)s
         ORDER BY customer_name, id, currency LIMIT %(most)s OFFSET %(skipped)s
    )
    SELECT * FROM shown
     UNION ALL
    SELECT NULL, '', '', currency, sum(commit_checkouts)::bigint, sum(overage_checkouts)::bigint, sum(overage_cost), sum(commit_fee)
      FROM bills GROUP BY currency
     ORDER BY 2, 1, 4
"""  # noqa: S608 - of constants
BY_LICENSE = f"""
    SELECT license.id, product.name, facts.currency, {FIGURES}
      FROM facts JOIN vendors_issuedlicense AS license ON license.id = facts.license_id AND license.account_id = %(account_id)s
      JOIN vendors_product AS product ON product.id = license.product_id
     GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
"""  # noqa: S608 - of constants


SUMMED = ("currency", "commit_checkouts", "overage_checkouts", "overage_cost", "commit_fee")


@dataclass(frozen=True, slots=True)
class Month:
    """`figures` has an entry for each currency; none when nothing happened."""

    month: date
    figures: list[Figures] = field(default_factory=list)

    @property
    def label(self) -> str:
        return months.label(self.month)


@dataclass(frozen=True, slots=True)
class Bill:
    """One customer's month, or one license of it (`key` is the account's or the license's id)."""

    key: Any
    name: str
    note: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Bills:
    """One page of customers' bills by name, and the sums of all of them."""

    rows: list[Bill]
    totals: list[Figures]
    has_more: bool


def by_month(vendor_id: str, first: date, last: date) -> list[Month]:
    """Each month from `first` to `last`, empty ones too."""
    every = months.between(first, last)
    closed = _closed(every)
    found: dict[date, list[Figures]] = {}
    for summed in VendorMonth.objects.filter(vendor_id=vendor_id, month__in=closed).order_by("month", "currency"):
        found.setdefault(summed.month, []).append(_figures([getattr(summed, name) for name in SUMMED]))
    for month, *rest in _fetched(BY_MONTH, vendor_id, [month for month in every if month not in found], closed):
        found.setdefault(month, []).append(_figures(rest))
    return [Month(month, found.get(month, [])) for month in every]


def by_account(vendor_id: str, month: date, *, most: int, page: int = 1, words: str = "") -> Bills:
    """What customers pay for a month, by name, `most` of them on a page; with `words` only those that are called so."""
    asked: dict[str, Any] = {"most": most + 1, "skipped": (page - 1) * most, "words": _like(words)}
    rows = _fetched(BY_ACCOUNT, vendor_id, [month], _closed([month]), **asked)
    bills = [Bill(key, name, crm_id, _figures(rest)) for key, name, crm_id, *rest in rows if key is not None]
    totals = [_figures(rest) for key, _name, _crm_id, *rest in rows if key is None]
    return Bills(bills[:most], totals, has_more=len(bills) > most)


def by_license(vendor_id: str, month: date, account_id: int) -> list[Bill]:
    """What one customer pays for a month, license by license."""
    rows = _fetched(BY_LICENSE, vendor_id, [month], _closed([month]), only=OF_ACCOUNT, account_id=account_id)
    return [Bill(key, product, key, _figures(rest)) for key, product, *rest in rows]


def overage_of(vendor_id: str, month: date, licenses: Sequence[IssuedLicense]) -> dict[str, Decimal]:
    """What each of these licenses has cost in overage so far, in its own currency; one without any has no entry."""
    found = UsageRecord.objects.filter(
        vendor_id=vendor_id, tenant_id__in={license.tenant_id for license in licenses},
        license_id__in=[license.id for license in licenses], kind=UsageRecord.Kind.OVERAGE,
        at__gte=months.start_of(month), at__lt=months.start_of(months.following(month)),
    )  # fmt: skip
    return dict(found.order_by().values_list("license_id").annotate(sum=Sum("amount")))


def overage_rate(every: Iterable[Figures]) -> int:
    """Of a hundred checkouts, how many were overage."""
    together = list(every)
    over = sum(figures.overage_checkouts for figures in together)
    taken = over + sum(figures.commit_checkouts for figures in together)
    return round(100 * over / taken) if taken else 0


def totals(bills: Iterable[Bill]) -> list[Figures]:
    return totals_by_currency(bill.figures for bill in bills)


def _closed(wanted: Sequence[date]) -> list[date]:
    """Those of these months that are closed for good."""
    with platform():
        closed = ClosedMonth.objects.filter(month__in=wanted, is_final=True)
        return list(closed.values_list("month", flat=True))


def _fetched(
    statement: str, vendor_id: str, wanted: Sequence[date], closed: Sequence[date], *, only: str = "", **more: Any
) -> list[tuple[Any, ...]]:
    """Nothing is asked for no month. Either part is left out where no month is in it: the planner knows then what it reads."""
    in_lines = [month for month in wanted if month in closed]
    still_open = [month for month in wanted if month not in closed]  # usually the present one alone
    values: dict[str, Any] = {"vendor_id": vendor_id, "closed": in_lines, **more}
    for n, month in enumerate(still_open):
        values |= {
            f"month_{n}": month,
            f"start_{n}": months.start_of(month),
            f"end_{n}": months.start_of(months.following(month)),
        }
    parts = [LINES] * bool(in_lines) + [LEDGER] * len(still_open)
    if not parts:
        return []
    facts = " UNION ALL ".join(part.format(n=n, only=only) for n, part in enumerate(parts, start=-1 if in_lines else 0))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH facts AS ({facts}) {statement}", values)
        return list(cursor.fetchall())


def _figures(values: list[Any]) -> Figures:
    currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee = values
    return Figures(currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee)


def _like(words: str) -> str:
    """What ILIKE takes for: these words, wherever they stand; empty for none."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if words else ""


def forecasts(history: Iterable[Month]) -> list[trend.Forecast]:
    """What the last of these months, the present one, will come to: counted as the customer's own forecast is."""
    every = list(history)
    currencies = sorted({figures.currency for month in every for figures in month.figures})
    costs: list[trend.MonthCost] = []
    for currency in currencies:
        for month in every:
            found = next((one for one in month.figures if one.currency == currency), Figures(currency))
            costs.append(trend.MonthCost(month.month, currency, found.commit_fee, found.overage_cost))
    return trend.forecast(costs)


def last_months(count: int) -> tuple[date, date]:
    """The first and the last of so many months up to the present one."""
    last = first = months.month_of(clock.today())
    for _ in range(count - 1):
        first = months.preceding(first)
    return first, last
