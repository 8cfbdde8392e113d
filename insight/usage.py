"""What a customer learns from its usage: peaks, the hours of the week, who was refused what, who uses most. In its scope.

Peaks and hours come from the projection, so they cost the same however many leases there were. Refusals and people are counted over
the days asked for; the index by time finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db import connection

from cloudlicenses.kit import clock
from insight import hours
from licensing.models import License

MOST_USERS = 10
LATELY = timedelta(days=7)  # whose people are named: leases are many
PEOPLE = """
    SELECT "user", count(*), count(*) FILTER (WHERE lease_type = 'overage'),
           sum(extract(epoch FROM least(coalesce(ended_at, expires_at), %(end)s) - issued_at)) / 3600
      FROM licensing_lease
     WHERE issued_at >= %(start)s AND issued_at < %(end)s AND (%(licenses)s::text[] IS NULL OR license_id = ANY (%(licenses)s))
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(most)s
"""
# By person first: distinct ones are then counted without sorting all refusals.
REFUSED = """
    SELECT (SELECT min(product_name) FROM licensing_license AS license WHERE license.product_id = refused.product_id), refused.*
      FROM (SELECT product_id, code, sum(number)::integer AS number, count(*) AS people
              FROM (SELECT product_id, code, "user", count(*) AS number FROM licensing_denial
                     WHERE at >= %(start)s AND (%(product)s = '' OR product_id = %(product)s) GROUP BY 1, 2, 3) AS of_one
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %(most)s) AS refused
     ORDER BY number DESC, product_id, code
"""


@dataclass(frozen=True, slots=True)
class Person:
    user: str
    checkouts: int
    overage_checkouts: int
    seat_hours: Decimal


@dataclass(frozen=True, slots=True)
class Refused:
    """Checkouts refused of one product for one reason. `product_name` is None for a product that nobody sold them."""

    product_name: str | None
    product_id: str
    code: str
    number: int
    people: int


@dataclass(frozen=True, slots=True)
class Usage:
    """`peaks`: a day's most seats at once, and of these the overage; `week`: seats in use on average by weekday and hour;
    `seat_hours`: each seat for as long as it was in use."""

    days: list[date]
    peaks: list[tuple[int, int]]
    week: dict[tuple[int, int], float]
    seat_hours: float
    checkouts: int
    denials: int
    refused: list[Refused]
    people: list[Person]

    @property
    def peak(self) -> int:
        return max((peak for peak, _overage in self.peaks), default=0)


def usage_of(tenant_id: str, number_of_days: int, zone: tzinfo, *, product_id: str = "") -> Usage:
    """The last days up to now, days and hours as the reader's zone has them; of one product, or all."""
    now = clock.now()
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=number_of_days - 1)
    days = [(first + timedelta(days=number)).date() for number in range(number_of_days)]
    licenses = list(License.objects.filter(product_id=product_id).values_list("id", flat=True)) if product_id else None
    used = hours.hours_of(tenant_id, first, now + timedelta(hours=1), license_ids=licenses)
    return Usage(
        days=days,
        peaks=hours.peaks_by_day(used, days, zone),
        week=hours.week_of(used, first, now, zone),
        seat_hours=sum(hour.seat_hours for hour in used),
        checkouts=sum(hour.checkouts for hour in used),
        denials=sum(hour.denials for hour in used),
        refused=_refused(first, product_id),
        people=_people(now - LATELY, now, licenses),
    )


def _refused(start: datetime, product_id: str) -> list[Refused]:
    values: dict[str, Any] = {"start": start, "product": product_id, "most": MOST_USERS}
    with connection.cursor() as cursor:
        cursor.execute(REFUSED, values)
        return [Refused(*row) for row in cursor.fetchall()]


def _people(start: datetime, end: datetime, licenses: list[str] | None) -> list[Person]:
    values: dict[str, Any] = {"start": start, "end": end, "licenses": licenses, "most": MOST_USERS}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        return [Person(*row) for row in cursor.fetchall()]
