"""The leaves since the last head that was right: among them must be what is wrong with the next one."""

from __future__ import annotations

from .heads import Head

MOST_KEPT = 100_000
MOST_SUSPECTS = 10


class Window:
    def __init__(self) -> None:
        self._size = 0
        self._at = ""
        self._names: list[str] = []
        self.newest = ""

    def begin(self, size: int, at: str) -> None:
        self._size, self._at, self._names = size, at, []

    def note(self, name: str) -> None:
        self.newest = name
        if len(self._names) < MOST_KEPT:
            self._names.append(name)

    def between(self, head: Head, was_kept: bool) -> str:
        """What a head says that is not the root of these leaves."""
        whose = "the head that you kept" if was_kept else "the signed head"
        since = f"since {self._at} (size {self._size})" if self._at else "since the beginning"
        names = f": {self._names[0]} to {self._names[-1]}" if self._names else ""
        return (
            f"The leaves are not those of {whose} of {head.at} (size {head.size}). "
            f"What came {since} was changed, removed, inserted or reordered{names}."
        )

    def suspects(self) -> list[str]:
        """Entries are sealed nearly in the order of their numbers: those that stand before a smaller one are worth a look."""
        pairs = zip(self._names, self._names[1:])
        return [f"{one} stands before {other}." for one, other in pairs if _number(one) > _number(other)][
            :MOST_SUSPECTS
        ]


def _number(name: str) -> int:
    digits = name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
