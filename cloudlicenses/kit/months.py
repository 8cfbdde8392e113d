"""Calendar months, UTC, named by their first day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

SHAPE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def month_of(day: date) -> date:
    """The month that a day (or an instant, read in UTC) is in."""
    if isinstance(day, datetime):
        day = day.astimezone(UTC).date()
    return day.replace(day=1)


def following(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def preceding(month: date) -> date:
    return month_of(month - timedelta(days=1))


def between(first: date, last: date) -> list[date]:
    """Each month from that of `first` to that of `last`; none when that is earlier."""
    month, found = month_of(first), []
    while month <= last:
        found.append(month)
        month = following(month)
    return found


def last_day(month: date) -> date:
    return following(month) - timedelta(days=1)


def start_of(day: date) -> datetime:
    """A day's first instant."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def parsed(text: str) -> date | None:
    """`2026-10` as its first day; None for anything else."""
    match = SHAPE.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match and int(match[1]) >= 1 else None


def label(month: date) -> str:
    """`2026-10`."""
    return f"{month.year:04d}-{month.month:02d}"
