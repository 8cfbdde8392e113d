"""The one clock. Tests freeze it here; nothing else in the product asks the system for the time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import available_timezones


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day, UTC."""
    return now().date()


def rfc3339(moment: datetime) -> str:
    """`2025-11-04T10:00:00Z`: RFC 3339, UTC, whole seconds unless there are fractions."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


@cache
def zones() -> tuple[str, ...]:
    """The time zones of places, by name. Looking for them opens six hundred files, so it is done once."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
