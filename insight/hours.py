"""How much was in use when: the tenant's hours as they are projected every minute (vendors/projection.py), summed as a page asks.

In the tenant's scope. The numbers are of persons no more than the vendors' are; who it was is asked of the leases themselves.
The most seats of several licenses at once is the sum of each one's most in that hour: at most a little more than was ever true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Sum

from cloudlicenses.kit import weeks
from vendors.models import TenantHour, UsageHour

SUMMED = ("peak", "peak_overage", "seat_seconds", "checkouts", "denials")


@dataclass(frozen=True, slots=True)
class Hour:
    """`seat_hours` is each seat for as long as it was in use: the mean number of seats in use."""

    at: datetime
    peak: int
    peak_overage: int
    seat_hours: float
    checkouts: int
    denials: int


def hours_of(tenant_id: str, start: datetime, end: datetime, *, license_ids: Iterable[str] | None = None) -> list[Hour]:
    """The hours in which anything happened, in order, summed over the licenses (all of the tenant's, unless some are named).

    The sum of all is there already, so it costs the same for a thousand licenses as for one.
    """
    within = {"tenant_id": tenant_id, "hour__gte": start, "hour__lt": end}
    if license_ids is None:
        rows: Iterable[Any] = TenantHour.objects.filter(**within).order_by("hour").values_list("hour", *SUMMED)
    else:
        sums = [Sum(name) for name in SUMMED]
        some = UsageHour.objects.filter(**within, license_id__in=list(license_ids)).order_by("hour")
        rows = some.values_list("hour").annotate(*sums)
    return [
        Hour(at, peak, overage, seconds / 3600, checkouts, denials)
        for at, peak, overage, seconds, checkouts, denials in rows
    ]


def peaks_by_day(hours: Iterable[Hour], days: Iterable[date], zone: tzinfo) -> list[tuple[int, int]]:
    """For each day the most seats in use at once, and of these the overage."""
    found: dict[date, tuple[int, int]] = {}
    for hour in hours:
        day = hour.at.astimezone(zone).date()
        found[day] = max(found.get(day, (0, 0)), (hour.peak, hour.peak_overage))
    return [found.get(day, (0, 0)) for day in days]


def peaks_by_hour(hours: Iterable[Hour], start: datetime, number: int) -> list[tuple[int, int]]:
    """For each of so many hours from `start`: the most seats in use at once, and of these the overage."""
    found = {hour.at: (hour.peak, hour.peak_overage) for hour in hours}
    return [found.get(start + timedelta(hours=each), (0, 0)) for each in range(number)]


def week_of(hours: Iterable[Hour], first: datetime, end: datetime, zone: tzinfo) -> dict[tuple[int, int], float]:
    """Seats in use on average, by weekday (Monday is 0) and hour of the day; over all such hours from `first` to `end`."""
    total: dict[tuple[int, int], float] = {}
    for hour in hours:
        local = hour.at.astimezone(zone)
        key = (local.weekday(), local.hour)
        total[key] = total.get(key, 0.0) + hour.seat_hours
    times = weeks.hours_between(first, end, zone)
    return {key: round(sum_ / times[key], 1) for key, sum_ in total.items() if times[key]}
