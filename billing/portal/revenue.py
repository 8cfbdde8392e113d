"""A vendor's revenue, month by month and customer by customer: what its exports say, fast enough for a page.

A month that is closed for good is read from its statement lines, any other from the ledger; both give the same figures
(tests/billing/test_revenue.py). In the vendor's scope; sums are by currency, never across.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from billing import trend
from billing.models import ClosedMonth
from billing.queries import Figures, totals_by_currency
from cloudlicenses.kit import clock, months
from tenants.context import platform

FIGURES = """
           coalesce(sum(quantity) FILTER (WHERE kind = 'commit'), 0)::bigint,
           coalesce(sum(quantity) FILTER (WHERE kind = 'overage'), 0)::bigint,
           coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0)
"""
CLOSED = """
    SELECT month, license_id, product_id, kind, currency, quantity, amount FROM billing_statementline
     WHERE vendor_id = %(vendor_id)s AND month = ANY (%(closed)s)
"""
OPEN = """
    UNION ALL
    SELECT %(month_{n})s::date, license_id, product_id, kind, currency, count(*), sum(amount)
      FROM billing_usagerecord
     WHERE vendor_id = %(vendor_id)s AND at >= %(start_{n})s AND at < %(end_{n})s
     GROUP BY license_id, product_id, kind, currency
"""
BY_MONTH = f"SELECT month, currency, {FIGURES} FROM facts GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608 - of constants
BY_ACCOUNT = f"""
    SELECT account.id, account.customer_name, account.crm_account_id, facts.currency, {FIGURES}
      FROM facts JOIN vendors_issuedlicense AS license ON license.id = facts.license_id
      JOIN vendors_crmaccount AS account ON account.id = license.account_id
     GROUP BY 1, 2, 3, 4 ORDER BY 2, 1, 4
"""  # noqa: S608 - of constants
BY_LICENSE = f"""
    SELECT facts.license_id, product.name, facts.currency, {FIGURES}
      FROM facts JOIN vendors_issuedlicense AS license ON license.id = facts.license_id AND license.account_id = %(account_id)s
      JOIN vendors_product AS product ON product.id = facts.product_id
     GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
"""  # noqa: S608 - of constants


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


def by_month(vendor_id: str, first: date, last: date) -> list[Month]:
    """Each month from `first` to `last`, empty ones too; two queries."""
    found: dict[date, list[Figures]] = {}
    for month, *rest in _fetched(BY_MONTH, vendor_id, first, last):
        found.setdefault(month, []).append(_figures(rest))
    return [Month(month, found.get(month, [])) for month in _months(first, last)]


def by_account(vendor_id: str, month: date) -> list[Bill]:
    """What each customer pays for a month, by name."""
    rows = _fetched(BY_ACCOUNT, vendor_id, month, month)
    return [Bill(key, name, crm_id, _figures(rest)) for key, name, crm_id, *rest in rows]


def by_license(vendor_id: str, month: date, account_id: int) -> list[Bill]:
    """What one customer pays for a month, license by license."""
    rows = _fetched(BY_LICENSE, vendor_id, month, month, account_id=account_id)
    return [Bill(key, product, key, _figures(rest)) for key, product, *rest in rows]


def overage_rate(every: Iterable[Figures]) -> int:
    """Of a hundred checkouts, how many were overage."""
    together = list(every)
    over = sum(figures.overage_checkouts for figures in together)
    taken = over + sum(figures.commit_checkouts for figures in together)
    return round(100 * over / taken) if taken else 0


def totals(bills: Iterable[Bill]) -> list[Figures]:
    return totals_by_currency(bill.figures for bill in bills)


def _fetched(statement: str, vendor_id: str, first: date, last: date, **more: Any) -> list[tuple[Any, ...]]:
    with platform():
        closed = list(
            ClosedMonth.objects.filter(month__range=(first, last), is_final=True).values_list("month", flat=True)
        )
    still_open = [month for month in _months(first, last) if month not in closed]  # usually the present one alone
    values: dict[str, Any] = {"vendor_id": vendor_id, "closed": closed, **more}
    for n, month in enumerate(still_open):
        values |= {
            f"month_{n}": month,
            f"start_{n}": months.start_of(month),
            f"end_{n}": months.start_of(months.following(month)),
        }
    facts = CLOSED + "".join(OPEN.format(n=n) for n in range(len(still_open)))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH facts AS ({facts}) {statement}", values)
        return list(cursor.fetchall())


def _figures(values: list[Any]) -> Figures:
    currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee = values
    return Figures(currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee)


def _months(first: date, last: date) -> list[date]:
    found = [first]
    while found[-1] < last:
        found.append(months.following(found[-1]))
    return found


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
