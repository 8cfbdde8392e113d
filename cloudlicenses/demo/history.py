"""The months before today, as they could have been: engineers come in the morning, stay for hours, and sometimes find no seat.

Sessions are drawn from a seeded generator and given out by the product's own rule — commit seats first, then overage up to the
agreed number, then a denial — in the order of time, so that leases, ledger and denials agree as they would in truth.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cloudlicenses.demo.cast import Deal

FIRST_NAMES = "alice ben carla david elena felix greta hannes ida jonas".split()
FIRST_NAMES += "katrin leo mia nils olga paul rosa stefan tara uwe".split()
MEDIAN_HOURS = 2.4
WORKS_ON = timedelta(hours=8)
BUSY = (0.95, 1.1, 1.05, 1.0, 0.8, 0.12, 0.08)  # Monday to Sunday
ALL_SPENT_BY = 24  # the day of a month by which all its overage has been allowed


@dataclass(frozen=True, slots=True)
class Session:
    """One engineer's use of a product; `seat` is commit, overage, or the code of a denial."""

    user: str
    hostname: str
    start: datetime
    end: datetime
    seat: str
    cost: Decimal


def sessions(deal: Deal, first_day: datetime, now: datetime) -> Iterator[Session]:
    """In order of time, all of them over before those came who are at work now."""
    dice = random.Random(f"{deal.opportunity} {deal.vendor_id}")  # noqa: S311 - a story, not a secret
    busy: list[tuple[datetime, str]] = []
    counts: dict[tuple[int, int], int] = {}
    quotas: dict[tuple[int, int], int] = {}
    for start, end in sorted(_attempts(deal, dice, first_day, _came_since(now))):
        while busy and busy[0][0] <= start:
            heapq.heappop(busy)
        month = (start.year, start.month)
        quota = quotas.setdefault(month, _quota(deal, dice, month, now))
        may_overage = counts.get(month, 0) < quota * min(1.0, start.day / ALL_SPENT_BY)  # spread over the month
        seat = _seat(deal, [kind for _, kind in busy], may_overage=may_overage)
        if seat is None:
            continue  # the closed month has its agreed number of overage checkouts: this engineer had lunch first
        counts[month] = counts.get(month, 0) + (seat == "overage")
        if seat in {"commit", "overage"}:
            heapq.heappush(busy, (end, seat))
        number = dice.randrange(1, 90)
        yield Session(
            user=f"{dice.choice(FIRST_NAMES)}@{deal.customer_id}.example",
            hostname=f"dev-ws-{number:03d}.{deal.customer_id}.example",
            start=start, end=end, seat=seat, cost=deal.price if seat == "overage" else Decimal("0.00"),
        )  # fmt: skip


def at_work(deal: Deal, now: datetime) -> list[Session]:
    """Who holds seats at this moment: they came one after the other since the morning, or lately when it is still early."""
    dice = random.Random(f"{deal.opportunity} at work")  # noqa: S311 - a story, not a secret
    since = _came_since(now)
    starts = sorted(since + dice.random() ** 0.8 * (now - since) * 0.97 for _ in range(deal.now))
    return [
        Session(
            user=f"{FIRST_NAMES[number % len(FIRST_NAMES)]}@{deal.customer_id}.example",
            hostname=f"dev-ws-{number + 1:03d}.{deal.customer_id}.example",
            start=start, end=now + WORKS_ON,
            seat="commit" if number < deal.commit else "overage",
            cost=Decimal("0.00") if number < deal.commit else deal.price,
        )
        for number, start in enumerate(starts)
    ]  # fmt: skip


def _came_since(now: datetime) -> datetime:
    """Six in the morning, but no longer ago than a working day; some hours ago when it is still early. Never in the month before,
    whose bill is agreed."""
    morning = now.replace(hour=6, minute=0, second=0, microsecond=0)
    since = max(morning, now - timedelta(hours=9)) if now - morning > timedelta(hours=1) else now - timedelta(hours=4)
    return max(since, first_day_of_history(now, 0))


def _seat(deal: Deal, in_use: list[str], *, may_overage: bool) -> str | None:
    if in_use.count("commit") < deal.commit:
        return "commit"
    if in_use.count("overage") >= deal.overage:
        return "max_overage_exceeded" if deal.overage else "no_licenses_available"
    return "overage" if may_overage else None


def _quota(deal: Deal, dice: random.Random, month: tuple[int, int], now: datetime) -> int:
    """How many overage checkouts the month shall have at most: the agreed number in the one just closed, near it in others."""
    if deal.overage_last_month is None:
        return 10_000
    last = first_day_of_history(now, 1)
    if month == (last.year, last.month):
        return deal.overage_last_month
    return round(deal.overage_last_month * dice.uniform(0.6, 1.3))


def _attempts(
    deal: Deal, dice: random.Random, first_day: datetime, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    day = first_day
    while day < now:
        busy = deal.busy * BUSY[day.weekday()]
        for _ in range(max(0, round(dice.gauss(busy, busy * 0.15)))):
            start = day + timedelta(hours=min(19.0, max(6.0, dice.gauss(10.5, 2.4))), seconds=dice.randrange(3600))
            end = start + timedelta(hours=min(10.0, dice.lognormvariate(0.0, 0.6) * MEDIAN_HOURS))
            if end < now:
                yield start, end
        day += timedelta(days=1)


def first_day_of_history(now: datetime, months: int) -> datetime:
    """Midnight of the first of the month, so many months ago."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
