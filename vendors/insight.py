"""What a vendor learns of how its licenses are used: by weekday and hour, day by day, license by license.

Read from the projection (projection.py) alone, in the vendor's scope: counts of seats, checkouts, refusals; of nobody by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from cloudlicenses.kit import clock, weeks
from vendors import summing
from vendors.models import UsageHour

HOURS, WEEKDAYS = 24, 7
FRESH = timedelta(hours=2)  # a seat that is held has a row for each hour; at its first minutes the last hour's counts

# Everything that is told by time is told by these sums: the rows are read once, however many charts are made of them. Instants come
# as seconds, which become hours of a zone three times as fast as timestamps do.
BY_HOUR = """
    SELECT extract(epoch FROM hour)::bigint, peak, seat_seconds, checkouts, overage_checkouts, denials
      FROM vendors_vendorhour
     WHERE vendor_id = %(vendor_id)s AND tenant_id = %(tenant_id)s AND product_id = %(product_id)s
       AND hour >= %(start)s AND hour < %(end)s
"""
# Of one product at one customer there are no sums: so few hours that they are added up here.
OF_BOTH = """
    SELECT extract(epoch FROM hour)::bigint, sum(peak)::integer, sum(seat_seconds)::bigint, sum(checkouts)::integer,
           sum(overage_checkouts)::integer, sum(denials)::integer
      FROM vendors_usagehour
     WHERE vendor_id = %(vendor_id)s AND hour >= %(start)s AND hour < %(end)s
       AND tenant_id = %(tenant_id)s AND product_id = %(product_id)s
     GROUP BY hour
"""
# Whole weeks as sums, and the hours before and after them.
BY_LICENSE = """
    WITH used AS (
        SELECT * FROM (
            SELECT license_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts, denials,
                   seat_denials
              FROM vendors_licenseweek WHERE vendor_id = %(vendor_id)s AND week >= %(first_week)s AND week < %(end_week)s
             UNION ALL
            SELECT license_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts, denials,
                   seat_denials
              FROM vendors_usagehour WHERE vendor_id = %(vendor_id)s AND hour >= %(start)s AND hour < %(first_week)s
             UNION ALL
            SELECT license_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts, denials,
                   seat_denials
              FROM vendors_usagehour WHERE vendor_id = %(vendor_id)s AND hour >= %(end_week)s AND hour < %(end)s
        ) AS every
         WHERE (%(tenant_id)s = '' OR tenant_id = %(tenant_id)s) AND (%(product_id)s = '' OR product_id = %(product_id)s)
           AND (%(only)s = '' OR license_id = %(only)s)
    )
    SELECT license_id, max(peak), max(peak_overage), sum(seat_seconds)::bigint / 3600, sum(checkouts)::integer,
           sum(overage_checkouts)::integer, sum(denials)::integer, sum(seat_denials)::integer
      FROM used GROUP BY license_id ORDER BY 8 DESC, 6 DESC, 5 DESC, license_id LIMIT %(most)s
"""

# Of each license the newest hour there is.
IN_USE_NOW = """
    SELECT coalesce(sum(in_use), 0)
      FROM (SELECT DISTINCT ON (license_id) in_use FROM vendors_usagehour
             WHERE vendor_id = %(vendor_id)s AND hour >= %(start)s AND hour <= %(end)s
             ORDER BY license_id, hour DESC) AS newest
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


class Hour(NamedTuple):
    """Of everything that is looked at together; `at` is in the zone of whoever looks. A tuple, for there are thousands."""

    at: datetime
    peak: int
    seat_seconds: int
    checkouts: int
    overage_checkouts: int
    denials: int


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


def hours(vendor_id: str, view: View) -> list[Hour]:
    """Hours in which something happened, in the zone that is looked from; what `week` and `days` are made of. One query."""
    zone = ZoneInfo(view.zone)
    with connection.cursor() as cursor:
        cursor.execute(OF_BOTH if view.tenant_id and view.product_id else BY_HOUR, _asked(vendor_id, view))
        return [Hour(datetime.fromtimestamp(at, zone), *rest) for at, *rest in cursor.fetchall()]


def week(used: Iterable[Hour], view: View) -> list[Cell]:
    """All 168 hours, Monday's first hour first. The mean is over every such hour of the days looked at that has begun, idle ones
    too."""
    found: dict[tuple[int, int], list[Hour]] = {}
    for hour in used:
        found.setdefault((hour.at.weekday(), hour.at.hour), []).append(hour)
    start, end = bounds(view)
    times = weeks.hours_between(start, min(end, clock.now()), ZoneInfo(view.zone))
    return [
        Cell(
            weekday, hour, _mean(sum(one.seat_seconds for one in every), times[weekday, hour]),
            max((one.peak for one in every), default=0), sum(one.denials for one in every),
        )
        for weekday in range(WEEKDAYS)
        for hour in range(HOURS)
        for every in (found.get((weekday, hour), []),)
    ]  # fmt: skip


def days(used: Iterable[Hour], view: View) -> list[Day]:
    """Each day that is looked at, idle ones too; its peak is its highest hour's."""
    found: dict[date, list[Hour]] = {}
    for hour in used:
        found.setdefault(hour.at.date(), []).append(hour)
    return [_day(day, found.get(day, [])) for day in view.days]


def by_license(vendor_id: str, view: View, *, only: str = "", most: int | None = None) -> dict[str, LicenseUse]:
    """Licenses that were used or asked for; the others are left out. Those that are used hardest first: refused for want of seats,
    then in overage, then checked out most; no more than `most`. `only`: of one license."""
    first_week, end_week = _whole_weeks(*bounds(view))
    values = _asked(vendor_id, view) | {"first_week": first_week, "end_week": end_week, "only": only, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(BY_LICENSE, values)
        return {license_id: LicenseUse(*sums) for license_id, *sums in cursor.fetchall()}


def bounds(view: View) -> tuple[datetime, datetime]:
    """The first instant of the first day, and the first one after the last day."""
    return _midnight(view.start, view), _midnight(view.end + timedelta(days=1), view)


def peaks_of(vendor_id: str, license_id: str, view: View) -> list[int]:
    """Of one license, the most seats at once on each day that is looked at (UTC)."""
    start, end = bounds(view)
    hours = UsageHour.objects.filter(vendor_id=vendor_id, license_id=license_id, hour__gte=start, hour__lt=end)
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
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(IN_USE_NOW, {"vendor_id": vendor_id, "start": now - FRESH, "end": now})
        return int(cursor.fetchall()[0][0])


def _day(day: date, used: list[Hour]) -> Day:
    return Day(
        day,
        peak=max((hour.peak for hour in used), default=0),
        checkouts=sum(hour.checkouts for hour in used),
        overage_checkouts=sum(hour.overage_checkouts for hour in used),
        denials=sum(hour.denials for hour in used),
    )


def _mean(seconds: int, times: int) -> Decimal:
    return round(Decimal(seconds) / 3600 / times, 2) if times else Decimal(0)


def _asked(vendor_id: str, view: View) -> dict[str, Any]:
    start, end = bounds(view)
    return {
        "vendor_id": vendor_id,
        "start": start,
        "end": end,
        "tenant_id": view.tenant_id,
        "product_id": view.product_id,
    }


def _whole_weeks(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The Mondays, UTC, between which weeks are whole. The present week is: nothing has happened yet in what is to come of it."""
    first = summing.week_of(start + summing.WEEK - timedelta(microseconds=1))
    beyond = summing.week_of(end + summing.WEEK if end > clock.now() else end)
    return (first, beyond) if first < beyond else (start, start)


def _midnight(day: date, view: View) -> datetime:
    """Where the day begins for whoever looks: a day in Tokyo is over when Berlin's goes on."""
    return datetime.combine(day, time.min, ZoneInfo(view.zone))
