"""Which entries are new since the last look, none forgotten and none twice, though they don't commit in the order of their numbers.

Numbers are drawn before a transaction commits: 107 may be seen before 105, and what was rolled back is never seen. So a
position is the highest number seen *and* the gaps below it. A gap is given up when every transaction that may have drawn its
numbers is over: the oldest still under way began after the look that first missed them (and a minute has passed: a number is
drawn a moment before its transaction has a number itself). Nothing is locked, and no long transaction holds up the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

PATIENCE_SECONDS = 60
LOOK = """
    SELECT pg_snapshot_xmin(now.shot)::text::bigint, pg_snapshot_xmax(now.shot)::text::bigint,
           extract(epoch FROM clock_timestamp())::bigint, new.id
    FROM (SELECT pg_current_snapshot() AS shot) now LEFT JOIN (
        SELECT entry.id FROM unnest(%s::bigint[], %s::bigint[]) AS gap (first, last)
        JOIN audit_auditentry entry ON entry.id BETWEEN gap.first AND gap.last
        UNION ALL
        (SELECT id FROM audit_auditentry WHERE id > %s ORDER BY id LIMIT %s)
    ) new ON true
    ORDER BY new.id
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that were missing, `first` to `last`, when `transaction` was the next to begin, at `seconds` since the epoch."""

    first: int
    last: int
    transaction: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Position:
    entry_id: int = 0
    gaps: tuple[Gap, ...] = ()


def look(position: Position, most: int) -> tuple[list[int], Position]:
    """The numbers of entries that are new, at most about `most`, and the position behind them. In the scope of the entries."""
    with connection.cursor() as cursor:
        first, last = ([getattr(gap, name) for gap in position.gaps] for name in ("first", "last"))
        cursor.execute(LOOK, [first, last, position.entry_id, most])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    oldest, following, seconds, _ = rows[0]
    found = [row[3] for row in rows if row[3] is not None]
    waited_for = [gap for gap in position.gaps if oldest < gap.transaction or seconds - gap.seconds < PATIENCE_SECONDS]
    later = [number for number in found if number > position.entry_id]
    late = set(found) - set(later)
    gaps = [*_without(waited_for, late), *_between(position.entry_id, later, following, seconds)]
    return found, Position(later[-1] if later else position.entry_id, tuple(gaps))


def _without(gaps: Sequence[Gap], found: set[int]) -> list[Gap]:
    """What is left of the gaps."""
    left: list[Gap] = []
    for gap in gaps:
        first = gap.first
        for number in sorted(number for number in found if gap.first <= number <= gap.last):
            left += [replace(gap, first=first, last=number - 1)] if first < number else []
            first = number + 1
        left += [replace(gap, first=first)] if first <= gap.last else []
    return left


def _between(before: int, found: Sequence[int], transaction: int, seconds: int) -> list[Gap]:
    """The numbers that were passed over."""
    pairs = zip([before, *found], found, strict=False)
    return [Gap(one + 1, other - 1, transaction, seconds) for one, other in pairs if other - one > 1]
