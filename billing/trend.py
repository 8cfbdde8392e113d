"""What each month has cost a customer, and what the present one will have cost by its end; in the tenant's scope.

Closed months are read from their statement lines, the present one from what is counted with each checkout, so that neither grows
with the number of checkouts. Both are rolled up from the ledger that the bills are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from billing import ledger
from billing.models import StatementLine, UsageRecord
from billing.queries import NOTHING, is_final
from cloudlicenses.kit import clock, months
from cloudlicenses.kit.money import rounded
from licensing.models import License

WORKDAYS = 5
TOO_EARLY = Decimal(2)  # working days into a month, before which its pace says nothing


@dataclass(slots=True)
class MonthCost:
    """One month in one currency."""

    month: date
    currency: str
    commit_fee: Decimal = NOTHING
    overage_cost: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        return self.commit_fee + self.overage_cost


@dataclass(frozen=True, slots=True)
class Forecast:
    """`overage_cost` and `total` at the end of the month, at the pace of its working days so far (`elapsed` of `working_days`), or
    while these are too few, of the month before."""

    currency: str
    overage_cost: Decimal
    total: Decimal
    elapsed: Decimal
    working_days: int

    @property
    def is_too_early(self) -> bool:
        return self.elapsed < TOO_EARLY


def monthly(tenant_id: str, number: int) -> list[MonthCost]:
    """The present month and those before it, `number` in all, oldest first; each currency that occurs has each month."""
    present = months.month_of(clock.now())
    wanted = [present]
    while len(wanted) < number:
        wanted.insert(0, months.preceding(wanted[0]))
    facts = [*_closed(tenant_id, wanted[0], present), *_present(tenant_id, present)]
    currencies = sorted({fact.currency for fact in facts})
    found = {(month, currency): MonthCost(month, currency) for currency in currencies for month in wanted}
    for fact in facts:
        cost = found[fact.month, fact.currency]
        cost.commit_fee += fact.commit_fee
        cost.overage_cost += fact.overage_cost
    return [found[key] for key in sorted(found)]


def forecast(history: Iterable[MonthCost]) -> list[Forecast]:
    """For each currency of `monthly`'s answer; the month before lends its pace while the present one is too young."""
    by_currency: dict[str, list[MonthCost]] = {}
    for cost in history:
        by_currency.setdefault(cost.currency, []).append(cost)
    return [_forecast(costs) for _, costs in sorted(by_currency.items())]


def _forecast(costs: list[MonthCost]) -> Forecast:
    *before, present = costs
    now = clock.now()
    elapsed, whole = _working_days(present.month, now), _working_days(present.month, None)
    if elapsed >= TOO_EARLY:
        daily = present.overage_cost / elapsed
    else:
        daily = before[-1].overage_cost / _working_days(before[-1].month, None) if before else NOTHING
    overage = rounded(present.overage_cost + daily * max(whole - elapsed, Decimal(0)))
    return Forecast(present.currency, overage, present.commit_fee + overage, elapsed, int(whole))


def _closed(tenant_id: str, first: date, present: date) -> list[MonthCost]:
    """From statement lines; a month that is over but not closed for good yet (minutes, usually) from the ledger: what lines it has
    are of an interim statement."""
    last = months.preceding(present)
    is_open = first <= last and not is_final(last)
    lines = StatementLine.objects.filter(tenant_id=tenant_id, month__gte=first, month__lt=last if is_open else present)
    found = [
        _cost(month, currency, kind, amount)
        for month, currency, kind, amount in lines.values_list("month", "currency", "kind").annotate(sum=Sum("amount"))
    ]
    if is_open:
        found += _from_ledger(tenant_id, months.start_of(last), months.start_of(present), last)
    return found


def _present(tenant_id: str, month: date) -> list[MonthCost]:
    """Commit fees stand in the ledger at the month's first instant; overage is counted on each license. On the first day the job
    that writes the fees may not have come by yet."""
    if clock.today() == month:
        ledger.ensure_commit_fees(month, month, tenant_id=tenant_id)
    start = months.start_of(month)
    fees = _from_ledger(tenant_id, start, start + timedelta(microseconds=1), month, kind=UsageRecord.Kind.COMMIT_FEE)
    spent = License.objects.filter(spent_month=month).values_list("currency").annotate(sum=Sum("spent"))
    return fees + [MonthCost(month, currency, overage_cost=amount) for currency, amount in spent]


def _from_ledger(tenant_id: str, start: datetime, end: datetime, month: date, *, kind: str = "") -> list[MonthCost]:
    records = UsageRecord.objects.filter(tenant_id=tenant_id, at__gte=start, at__lt=end)
    if kind:
        records = records.filter(kind=kind)
    sums = records.values_list("currency", "kind").annotate(sum=Sum("amount"))
    return [_cost(month, currency, found, amount) for currency, found, amount in sums]


def _cost(month: date, currency: str, kind: str, amount: Decimal) -> MonthCost:
    is_fee = kind == UsageRecord.Kind.COMMIT_FEE
    return MonthCost(month, currency, **{"commit_fee" if is_fee else "overage_cost": amount})


def _working_days(month: date, until: datetime | None) -> Decimal:
    """Mondays to Fridays of the month, UTC; up to an instant, the day it is in by its hours."""
    day, last = month, months.last_day(month)
    total = Decimal(0)
    while day <= last:
        if day.weekday() < WORKDAYS:
            total += Decimal(1) if until is None else _share(months.start_of(day), until)
        day += timedelta(days=1)
    return total


def _share(start: datetime, until: datetime) -> Decimal:
    seconds = Decimal((until - start).total_seconds())
    return max(Decimal(0), min(Decimal(1), seconds / Decimal(24 * 3600)))
