"""Did an entry come when it says it did? The tree tells in which order entries came, and an entry says when it happened.

An entry is written when it happens, and is sealed seconds after its transaction was committed. No transaction lasts as long as
`LATEST`, so nothing honest stands that far behind something newer. The verifier asks the same of an export, without us.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LATEST = timedelta(hours=1)  # of an entry, behind the newest before it: a transaction that took long
AHEAD = timedelta(minutes=5)  # of the database's clock, before the clock by which heads are signed
BACKDATED, POSTDATED = "backdated", "postdated"


class Order:
    """Is told of the entries of one log in the order in which they come."""

    def __init__(self, newest: datetime | None, now: datetime) -> None:
        self.newest, self._now = newest, now

    def trouble(self, at: datetime) -> str:
        """`backdated`, `postdated`, or nothing for what may have come when it says."""
        if at - self._now > AHEAD:
            return POSTDATED
        if self.newest is not None and self.newest - at > LATEST:
            return BACKDATED
        self.newest = max(at, self.newest or at)
        return ""
