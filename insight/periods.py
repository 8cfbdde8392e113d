"""A tenant's use of each license by hour or day, UTC, from its projected hours (docs/decisions/0016); in the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum
from django.db.models.functions import Trunc

from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop
from vendors.models import UsageHour

LONGEST_DAYS = {"day": 366, "hour": 31}
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Range:
    """From the first instant of `start_date` to the last of `end_date`; empty ids mean all."""

    start_date: date
    end_date: date
    granularity: str = "day"
    license_id: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`seat_hours` is each seat for as long as it was in use."""

    period: datetime
    license_id: str
    vendor_id: str
    product_id: str
    peak_in_use: int
    peak_overage: int
    seat_hours: Decimal
    checkouts: int
    overage_checkouts: int
    denials: int


def rows(tenant_id: str, wanted: Range) -> list[Row]:
    """By period and license; idle ones have no row. Raises `InvalidInput` for a range too long or backwards."""
    _refuse_bad_range(wanted)
    found = UsageHour.objects.filter(
        tenant_id=tenant_id,
        hour__gte=months.start_of(wanted.start_date),
        hour__lt=months.start_of(wanted.end_date + timedelta(days=1)),
    )
    for name in ("license_id", "product_id"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    names = ("period", "license_id", "vendor_id", "product_id")
    summed = found.annotate(period=Trunc("hour", wanted.granularity, tzinfo=UTC)).values_list(*names)
    counted = summed.annotate(
        Max("peak"),
        Max("peak_overage"),
        Sum("seat_seconds"),
        Sum("checkouts"),
        Sum("overage_checkouts"),
        Sum("denials"),
    )
    found_rows: list[Any] = list(counted.order_by("period", "license_id"))
    return [Row(*[*row[:6], _hours(row[6]), *row[7:]]) for row in found_rows]


def _hours(seconds: int) -> Decimal:
    return (Decimal(seconds) / 3600).quantize(Decimal("0.01"))


def _refuse_bad_range(wanted: Range) -> None:
    if not (wanted.start_date >= EARLIEST and wanted.end_date <= LATEST):
        days = Said(gettext_noop("Days from %(first)s to %(last)s."), first=EARLIEST, last=LATEST)
        raise InvalidInput(errors=[FieldError("start_date", "invalid", days)])
    longest = LONGEST_DAYS[wanted.granularity]
    if not 0 <= (wanted.end_date - wanted.start_date).days < longest:
        template = gettext_noop("From start_date on, at most %(most)s days by %(step)s.")
        too_many = Said(template, most=longest, step=wanted.granularity)
        raise InvalidInput(errors=[FieldError("end_date", "invalid", too_many)])
