"""Did an entry come when it says it did? The tree tells in which order entries came, and an entry says when it happened.

An entry is written when it happens, and is a leaf seconds after its transaction was committed. No transaction lasts as long as
`LATEST`, so nothing honest stands that far behind something newer. Logs that waited to be sealed, however long, are in order too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LATEST = timedelta(hours=1)  # of an entry, behind the newest before it: a transaction that took long
AHEAD = timedelta(minutes=5)  # of an entry's clock, before the clock by which heads are signed


class Order:
    """Is told of each leaf in turn, if it is as it was sealed."""

    def __init__(self) -> None:
        self._newest: datetime | None = None
        self._whose = ""

    def begin(self, at: datetime) -> None:
        """What follows was not there when a head was signed."""
        self._newest, self._whose = at, "the head before it was signed"

    def trouble(self, name: str, at: datetime, signed: datetime | None) -> tuple[str, str]:
        """Kind and words; empty for what may have come when it says. `signed`: when the first head that has it was."""
        if signed is not None and at - signed > AHEAD:
            return "postdated", f"{name} says that it happened on {_shown(at)}, but it was sealed on {_shown(signed)}."
        if self._newest is not None and self._newest - at > LATEST:
            words = f"{name} says that it happened on {_shown(at)}, but it came after {self._whose} on {_shown(self._newest)}"
            return "backdated", f"{words}: it was put in later."
        if self._newest is None or at > self._newest:
            self._newest, self._whose = at, name
        return "", ""


def _shown(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
