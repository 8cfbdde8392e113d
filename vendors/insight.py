"""What a vendor learns of how its licenses are used: by weekday and hour, day by day, license by license.

Read from the projection (projection.py) alone, in the vendor's scope: counts of seats, checkouts, refusals; of nobody by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Sum

from cloudlicenses.kit import clock, months
from vendors.models import UsageHour

HOURS, WEEKDAYS = 24, 7
FRESH = timedelta(hours=2)  # a seat that is held has a row for each hour; at its first minutes the last hour's counts

BY_WEEKDAY = """
    SELECT extract(isodow FROM hour AT TIME ZONE %(zone)s)::integer - 1, extract(hour FROM hour AT TIME ZONE %(zone)s)::integer,
           sum(seat_seconds), max(peak), sum(denials)::integer
      FROM (
          SELECT hour, sum(peak)::integer AS peak, sum(seat_seconds) AS seat_seconds, sum(denials) AS denials
            FROM vendors_usagehour
           WHERE vendor_id = %(vendor_id)s AND hour >= %(start)s AND hour < %(end)s
             AND (%(tenant_id)s = '' OR tenant_id = %(tenant_id)s) AND (%(product_id)s = '' OR product_id = %(product_id)s)
           GROUP BY hour
      ) AS together
     GROUP BY 1, 2
"""
BY_DAY = """
    SELECT (hour AT TIME ZONE %(zone)s)::date, max(peak), sum(checkouts)::integer, sum(overage)::integer, sum(denials)::integer
      FROM (
          SELECT hour, sum(peak)::integer AS peak, sum(checkouts) AS checkouts, sum(overage_checkouts) AS overage,
                 sum(denials) AS denials
            FROM vendors_usagehour
           WHERE vendor_id = %(vendor_id)s AND hour >= %(start)s AND hour < %(end)s
             AND (%(tenant_id)s = '' OR tenant_id = %(tenant_id)s) AND (%(product_id)s = '' OR product_id = %(product_id)s)
           GROUP BY hour
      ) AS together
     GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: days, both included, of whom and of what (empty: all), and in which time zone days and hours are meant."""

    start: date
    end: date
    tenant_id: str = ""
    product_id: str = ""
    zone: str = "UTC"

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1)]


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week: the mean number of seats in use, the most there ever were, and refusals."""

    weekday: int  # 0 is Monday
    hour: int
    mean: Decimal
    peak: int
    denials: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    peak: int = 0
    checkouts: int = 0
    overage_checkouts: int = 0
    denials: int = 0


@dataclass(frozen=True, slots=True)
class LicenseUse:
    peak: int = 0
    peak_overage: int = 0
    seat_hours: int = 0
    checkouts: int = 0
    overage_checkouts: int = 0
    denials: int = 0
    seat_denials: int = 0


def week(vendor_id: str, view: View) -> list[Cell]:
    """All 168 hours, Monday's first hour first. The mean is over every such hour of the days looked at, idle ones too."""
    found = {(weekday, hour): rest for weekday, hour, *rest in _fetched(BY_WEEKDAY, vendor_id, view)}
    times = [sum(1 for day in view.days if day.weekday() == weekday) for weekday in range(WEEKDAYS)]
    return [
        Cell(weekday, hour, _mean(seconds, times[weekday]), peak, denials)
        for weekday in range(WEEKDAYS)
        for hour in range(HOURS)
        for seconds, peak, denials in (found.get((weekday, hour), (0, 0, 0)),)
    ]


def days(vendor_id: str, view: View) -> list[Day]:
    """Each day that is looked at, idle ones too."""
    found = {row[0]: Day(*row) for row in _fetched(BY_DAY, vendor_id, view)}
    return [found.get(day, Day(day)) for day in view.days]


def by_license(vendor_id: str, view: View) -> dict[str, LicenseUse]:
    """Licenses that were used or asked for; the others are left out."""
    found = UsageHour.objects.filter(vendor_id=vendor_id, hour__gte=_first(view), hour__lt=_end(view))
    if view.tenant_id:
        found = found.filter(tenant_id=view.tenant_id)
    if view.product_id:
        found = found.filter(product_id=view.product_id)
    summed = found.values("license_id").annotate(
        most=Max("peak"), most_overage=Max("peak_overage"), seconds=Sum("seat_seconds"), taken=Sum("checkouts"),
        over=Sum("overage_checkouts"), refused=Sum("denials"), wanting=Sum("seat_denials"),
    )  # fmt: skip
    return {
        row["license_id"]: LicenseUse(
            row["most"], row["most_overage"], row["seconds"] // 3600, row["taken"], row["over"], row["refused"], row["wanting"]
        )
        for row in summed
    }  # fmt: skip


def peaks_of(vendor_id: str, license_id: str, view: View) -> list[int]:
    """Of one license, the most seats at once on each day that is looked at (UTC)."""
    hours = UsageHour.objects.filter(
        vendor_id=vendor_id, license_id=license_id, hour__gte=_first(view), hour__lt=_end(view)
    )
    found: dict[date, int] = {}
    for hour, peak in hours.values_list("hour", "peak"):
        found[hour.date()] = max(peak, found.get(hour.date(), 0))
    return [found.get(day, 0) for day in view.days]


def in_use_now(vendor_id: str, license_ids: Iterable[str]) -> dict[str, int]:
    """Seats in use when each license was last looked at, a minute or two ago; one that isn't in use has no entry."""
    recent = UsageHour.objects.filter(
        vendor_id=vendor_id, license_id__in=list(license_ids), hour__range=(clock.now() - FRESH, clock.now())
    )
    newest = dict(recent.order_by("hour").values_list("license_id", "in_use"))
    return {license_id: seats for license_id, seats in newest.items() if seats}


def all_in_use_now(vendor_id: str) -> int:
    """Seats in use of everything sold, when it was last looked at."""
    recent = UsageHour.objects.filter(vendor_id=vendor_id, hour__range=(clock.now() - FRESH, clock.now()))
    return sum(dict(recent.order_by("hour").values_list("license_id", "in_use")).values())


def _fetched(statement: str, vendor_id: str, view: View) -> list[tuple[Any, ...]]:
    values: dict[str, str | datetime] = {
        "vendor_id": vendor_id, "start": _first(view), "end": _end(view), "zone": view.zone,
        "tenant_id": view.tenant_id, "product_id": view.product_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _mean(seconds: Any, times: int) -> Decimal:
    return round(Decimal(seconds) / 3600 / times, 2) if times else Decimal(0)


def _first(view: View) -> datetime:
    return months.start_of(view.start)


def _end(view: View) -> datetime:
    return months.start_of(view.end + timedelta(days=1))
