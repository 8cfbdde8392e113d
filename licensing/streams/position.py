"""How far somebody has been told of a tenant's audit log. This is what `Last-Event-ID` says.

Ids are drawn before their transaction commits, so 107 may be seen before 105; and what was rolled back is never seen. Hence two
things: the highest id told, and the ids below it that were not there yet. Written `107`, or `107-101.103_105` when 101, 103, 104
and 105 were missing. Whoever has it can go on in any process, with nothing lost and nothing told twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_MISSING = 500  # a gap wider than this is no transaction under way: a sequence that was set anew
MOST_WRITTEN = 40
TOKEN = re.compile(r"(\d{1,18})(?:-(\d{1,18}(?:_\d{1,18})?(?:\.\d{1,18}(?:_\d{1,18})?)*))?", re.ASCII)


@dataclass(slots=True)
class Position:
    upto: int
    missing: set[int] = field(default_factory=set)

    def is_news(self, entry_id: int) -> bool:
        return entry_id > self.upto or entry_id in self.missing

    def tell(self, entry_id: int) -> None:
        """It has been told now. What was passed over may still come."""
        if entry_id > self.upto:
            self.missing.update(range(max(self.upto + 1, entry_id - MOST_MISSING), entry_id))
            self.upto = entry_id
        else:
            self.missing.discard(entry_id)

    def __str__(self) -> str:
        """With too many gaps to write them all it says less than is true: then events are told twice rather than never."""
        gaps = list(_ranges(sorted(self.missing)))
        upto = gaps[MOST_WRITTEN][0] - 1 if len(gaps) > MOST_WRITTEN else self.upto
        written = ".".join(str(low) if low == high else f"{low}_{high}" for low, high in gaps[:MOST_WRITTEN])
        return f"{upto}-{written}" if written else str(upto)


def position_from(text: str) -> Position | None:
    """What `str` has written; None for anything else."""
    found = TOKEN.fullmatch(text)
    if found is None:
        return None
    position = Position(int(found[1]))
    for gap in filter(None, (found[2] or "").split(".")):
        low, _, high = gap.partition("_")
        position.missing.update(range(int(low), min(int(high or low), int(low) + MOST_MISSING) + 1))
        if len(position.missing) > MOST_MISSING * 2:
            return None
    return position


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    start = previous = None
    for number in numbers:
        if start is None or previous is None:
            start = number
        elif number != previous + 1:
            yield start, previous
            start = number
        previous = number
    if start is not None and previous is not None:
        yield start, previous
