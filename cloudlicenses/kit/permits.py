"""Permits to pass a limit, taken a few at a time by whoever asks often: most requests needn't ask anybody then.

A permit in hand is counted already, so no number of processes can exceed a limit; of what is left nobody takes more than one
in `SHARE` in advance, so none starves the others; what isn't used for a moment is given back. Whoever asks seldom, or has
nearly used up a limit, takes one at a time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cloudlicenses.kit.limits import Limit, Verdict, verdict_of

SHARE = 16
KEPT_SECONDS = 1.0
MOST_AHEAD = 1000
MOST = 100_000


@dataclass(slots=True)
class Stock:
    """Of one limit: the permits in hand, how many were used since somebody was asked, when that was, and when the limit's
    debt will be paid (GCRA's theoretical arrival time, the permits in hand counted)."""

    limit: Limit
    asked: float
    arrival: float = 0.0
    in_hand: int = 0
    used: int = 0


class Permits:
    """One per limiter, for the tasks of one event loop."""

    def __init__(self) -> None:
        self._stocks: dict[str, Stock] = {}

    def take(self, limits: Sequence[Limit]) -> Verdict | None:
        """One more through all of the limits, or None: somebody has to be asked."""
        stocks = [stock for limit in limits if (stock := self._of(limit)) and stock.in_hand]
        if len(stocks) < len(limits):
            return None
        for stock in stocks:
            stock.in_hand -= 1
            stock.used += 1
        return self.verdict(limits, passed=True)

    def wanted(self, limit: Limit) -> int:
        """How many more to ask for: the busier it was since the last time, the more."""
        stock = self._of(limit)
        if stock is None or time.monotonic() - stock.asked > KEPT_SECONDS:
            return 0
        return min(2 * stock.used, MOST_AHEAD)

    def learn(self, limit: Limit, debt: float, more: int, *, is_used: bool) -> None:
        """Somebody was asked: the limit's debt is so many seconds now, `more` permits of it for here, and one that `is_used`."""
        now = time.monotonic()
        stock = self._of(limit)
        if stock is None:
            stock = self._stocks[limit.name] = Stock(limit, now)
        stock.arrival, stock.asked, stock.used = now + debt, now, int(is_used)
        stock.in_hand += more

    def verdict(self, limits: Sequence[Limit], *, passed: bool) -> Verdict:
        """As far as is known here. Permits in hand are still to be had."""
        now = time.monotonic()
        debts = []
        for limit in limits:
            stock = self._stocks[limit.name]
            debts.append(max(0.0, stock.arrival - now - stock.in_hand * limit.per / limit.count))
        return verdict_of(limits, debts, passed=passed)

    def unused(self, *, at_once: bool = False) -> list[tuple[Limit, int]]:
        """What nobody has needed for a moment (`at_once`: all); whoever takes it gives it back."""
        now = time.monotonic()
        old = [stock for stock in self._stocks.values() if at_once or now - stock.asked > KEPT_SECONDS]
        for stock in old:
            del self._stocks[stock.limit.name]
        return [(stock.limit, stock.in_hand) for stock in old if stock.in_hand]

    def __len__(self) -> int:
        return len(self._stocks)

    def _of(self, limit: Limit) -> Stock | None:
        stock = self._stocks.get(limit.name)
        return stock if stock is not None and stock.limit == limit else None
