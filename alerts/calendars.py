"""A tenant's business hours: its zone, hours for each weekday, holidays. Until somebody says otherwise: Monday to Friday, 7 to
20, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from alerts.models import Calendar
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop

WEEKDAYS = 7
WORKDAY = (time(7), time(20))
Hours = tuple[time, time] | None  # from, until; None when closed
MOST_HOLIDAYS = 400
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """`hours`: of Monday to Sunday. An end at midnight is the day's end."""

    zone: str = "UTC"
    hours: tuple[Hours, ...] = (WORKDAY,) * 5 + (None, None)
    holidays: tuple[Holiday, ...] = ()

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_open(self, moment: datetime) -> bool:
        here = moment.astimezone(self.clock)
        hours = self.hours[here.weekday()]
        if hours is None or here.date() in {holiday.day for holiday in self.holidays}:
            return False
        start, end = hours
        return start <= here.time() and (here.time() < end or end == time(0))


def business_hours() -> BusinessHours:
    """The tenant's, in its scope."""
    kept = Calendar.objects.first()
    if kept is None:
        return BusinessHours()
    hours = tuple((time.fromisoformat(day[0]), time.fromisoformat(day[1])) if day else None for day in kept.hours)
    holidays = tuple(Holiday(date.fromisoformat(entry["day"]), entry["name"]) for entry in kept.holidays)
    return BusinessHours(kept.zone, hours, holidays)


@transaction.atomic
def set_hours(wanted: BusinessHours, *, actor: Actor) -> BusinessHours:
    """In force for the next checkout. Raises `InvalidInput`."""
    _refuse_nonsense(wanted)
    Calendar.objects.update_or_create(id=1, defaults=as_json(wanted))
    events.record("business_hours.changed", actor=actor, subject=("business_hours", ""), zone=wanted.zone)
    return wanted


def as_json(hours: BusinessHours) -> dict[str, Any]:
    """As it is kept and as the API tells it."""
    return {
        "zone": hours.zone,
        "hours": [[f"{day[0]:%H:%M}", f"{day[1]:%H:%M}"] if day else None for day in hours.hours],
        "holidays": [{"day": holiday.day.isoformat(), "name": holiday.name} for holiday in _in_order(hours.holidays)],
    }


def zones() -> list[str]:
    """All that can be chosen, by name."""
    return ["UTC", *clock.zones()]


def upcoming(hours: BusinessHours, today: date) -> list[Holiday]:
    """The holidays of the year that begins today."""
    return [day for day in _in_order(hours.holidays) if today <= day.day < today + timedelta(days=365)]


def _in_order(holidays: tuple[Holiday, ...]) -> list[Holiday]:
    return sorted(holidays, key=lambda holiday: holiday.day)


def _refuse_nonsense(wanted: BusinessHours) -> None:
    errors = []
    if wanted.zone not in available_timezones():
        errors.append(FieldError("zone", "invalid_choice", gettext_noop("There is no such time zone.")))
    if len(wanted.hours) != WEEKDAYS:
        errors.append(FieldError("hours", "invalid", gettext_noop("Hours are needed for each of the seven weekdays.")))
    if any(day and day[0] >= day[1] and day[1] != time(0) for day in wanted.hours):
        errors.append(FieldError("hours", "before_start", gettext_noop("A day can't end before it has begun.")))
    if len(wanted.holidays) > MOST_HOLIDAYS:
        errors.append(
            FieldError("holidays", "too_many", Said(gettext_noop("At most %(most)s holidays."), most=MOST_HOLIDAYS))
        )
    if errors:
        raise InvalidInput(errors=errors)
