"""How long a contract runs. A contract that renews itself goes on by its own length, again and again.

A length that is whole months is kept in months (2025-01-01 to 2025-12-31 is followed by 2026-12-31), any other in days. Each end
is counted from the first day, so that a month's end does not drift: 31 January, 28 February, 31 March.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)


def end_covering(start: date, first_end: date, day: date) -> date:
    """The end of the first term that is not over on `day`."""
    return _first_end(start, first_end, not_before=day)


def next_end(start: date, first_end: date, end: date) -> date:
    """The end of the first term that ends after `end`: one more term."""
    return _first_end(start, first_end, not_before=end + DAY)


def _first_end(start: date, first_end: date, *, not_before: date) -> date:
    terms = 1
    while (end := end_of_term(start, first_end, terms)) < not_before:
        terms += 1
    return end


def end_of_term(start: date, first_end: date, number: int) -> date:
    """The last day of the contract's first, second, … term; `first_end` is that of the first."""
    months = _whole_months(start, first_end)
    if months:
        return add_months(start, months * number) - DAY
    return start + (first_end - start + DAY) * number - DAY


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _whole_months(start: date, end: date) -> int:
    """How many months the contract takes; 0 unless it takes whole ones."""
    after = end + DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    return months if months > 0 and add_months(start, months) == after else 0
