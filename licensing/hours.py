"""What each license was used in each hour, as numbers: the most seats at once, time in use, checkouts, denials.

No users, hosts or addresses are in it, so it is what may leave a tenant (vendors/projection.py). A lease counts from its checkout
to its end, or to when it lapsed. A past hour never changes but for what commits late, and what has been counted only grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Min

from licensing.models import Denial, Lease

# Every change of a license's seats is a step: up, down, or 0 at an hour's beginning, so that seats held for long count in each.
# At one instant a seat that comes back is counted before one that is taken: it may be the same.
USED = """
    WITH held AS (
        SELECT license_id, (lease_type = 'overage')::integer AS overage, issued_at, coalesce(ended_at, expires_at) AS until
          FROM licensing_lease
         WHERE (issued_at >= %(start)s OR ended_at > %(start)s OR ended_at IS NULL)
           AND issued_at < %(end)s AND coalesce(ended_at, expires_at) > greatest(issued_at, %(start)s)
    ), step AS (
        SELECT license_id, greatest(issued_at, %(start)s) AS at, 1 AS seats, overage FROM held
        UNION ALL SELECT license_id, until, -1, -overage FROM held WHERE until < %(end)s
        UNION ALL SELECT license_id, at, 0, 0 FROM (SELECT DISTINCT license_id FROM held) AS each,
                         generate_series(%(start)s, %(end)s - interval '1 microsecond', interval '1 hour') AS at
    ), running AS (
        SELECT license_id, at, sum(seats) OVER since AS in_use, sum(overage) OVER since AS overage,
               lead(at, 1, %(end)s) OVER since - at AS lasted, row_number() OVER since AS turn
          FROM step WINDOW since AS (PARTITION BY license_id ORDER BY at, seats ROWS UNBOUNDED PRECEDING)
    ), counted AS (
        SELECT license_id, date_trunc('hour', at, 'UTC') AS hour, max(in_use) AS peak, max(overage) AS peak_overage,
               (array_agg(in_use ORDER BY turn DESC))[1] AS in_use, sum(in_use * extract(epoch FROM lasted)) AS seat_seconds,
               0 AS checkouts, 0 AS overage_checkouts, 0 AS denials, 0 AS seat_denials
          FROM running GROUP BY 1, 2
        UNION ALL
        SELECT license_id, date_trunc('hour', issued_at, 'UTC'), 0, 0, 0, 0,
               count(*), count(*) FILTER (WHERE lease_type = 'overage'), 0, 0
          FROM licensing_lease WHERE issued_at >= %(start)s AND issued_at < %(end)s GROUP BY 1, 2
        UNION ALL
        SELECT license_id, date_trunc('hour', at, 'UTC'), 0, 0, 0, 0, 0, 0,
               count(*), count(*) FILTER (WHERE code = ANY (%(no_seat)s))
          FROM licensing_denial WHERE at >= %(start)s AND at < %(end)s GROUP BY 1, 2
    )
    SELECT license.id, license.vendor_id, license.product_id, hour,
           sum(in_use)::integer, max(peak)::integer, max(peak_overage)::integer,
           floor(sum(seat_seconds))::bigint, sum(checkouts)::integer, sum(overage_checkouts)::integer,
           sum(denials)::integer, sum(seat_denials)::integer
      FROM counted JOIN licensing_license AS license ON license.id = counted.license_id
     GROUP BY 1, 2, 3, 4
    HAVING max(peak) > 0 OR sum(checkouts) > 0 OR sum(denials) > 0
     ORDER BY 4, 1
"""
NO_SEAT = [
    "no_licenses_available",
    "max_overage_exceeded",
]  # refused for want of seats sold, not by the customer's own rules


@dataclass(frozen=True, slots=True)
class UsedHour:
    """`in_use` is at the hour's end, or at the end of what was asked for; `seat_seconds` / 3600 is the mean of it."""

    license_id: str
    vendor_id: str
    product_id: str
    hour: datetime
    in_use: int
    peak: int
    peak_overage: int
    seat_seconds: int
    checkouts: int
    overage_checkouts: int
    denials: int
    seat_denials: int


def used_hours(start: datetime, end: datetime) -> list[UsedHour]:
    """From `start`, a full hour, up to `end`; hours in which nothing happened are left out. In the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(USED, {"start": start, "end": end, "no_seat": NO_SEAT})
        return [UsedHour(*row) for row in cursor.fetchall()]


def first_use() -> datetime | None:
    """When the tenant's first checkout was granted or refused; None: never. In the tenant's scope."""
    first = (
        Lease.objects.aggregate(first=Min("issued_at"))["first"],
        Denial.objects.aggregate(first=Min("at"))["first"],
    )
    return min((moment for moment in first if moment), default=None)
