"""Hours of the week, as the clocks of a zone show them: where they are changed, a day has an hour twice, or lacks one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, tzinfo
from math import ceil

HOUR = 3600


def hours_between(first: datetime, end: datetime, zone: tzinfo) -> Counter[tuple[int, int]]:
    """How often each hour of each weekday (Monday is 0) begins from `first` on and before `end`. Hours are full ones of UTC, as
    usage is counted by."""
    begun = range(ceil(first.timestamp() / HOUR) * HOUR, ceil(end.timestamp()), HOUR)
    moments = (datetime.fromtimestamp(at, zone) for at in begun)
    return Counter((moment.weekday(), moment.hour) for moment in moments)
