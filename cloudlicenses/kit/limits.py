"""Rate limits by GCRA (generic cell rate algorithm): a full burst at once, then one more each `per / count` seconds.

The state of a limit is one number, its "theoretical arrival time". kit/limiter.py keeps it where all processes share it; what is
here counts in one process. Asked for each request, so these are msgspec's: made in a tenth of the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """At most `count` in `per` seconds for what `name` names."""

    name: str
    count: int
    per: int


class Verdict(msgspec.Struct, frozen=True):
    """Of the limit nearest to its end: may it pass, how many are left, seconds until full and until the next may pass."""

    passed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int

    def as_headers(self) -> dict[str, str]:
        """`RateLimit-*`, as the IETF's draft names them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


UNLIMITED = Verdict(passed=True, limit=0, remaining=0, reset=0, retry_after=0)


class LocalLimiter:
    """The same algorithm in this process, for any of its threads; bounded memory."""

    MOST = 100_000

    def __init__(self) -> None:
        self._tats: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, limits: Sequence[Limit]) -> Verdict:
        if not limits:
            return UNLIMITED
        with self._lock:
            return self._take(limits)

    def _take(self, limits: Sequence[Limit]) -> Verdict:
        now = time.monotonic() * 1000
        if len(self._tats) > self.MOST:
            self._forget_half()
        tats = [max(self._tats.get(limit.name, 0.0), now) for limit in limits]
        steps = [limit.per * 1000 / limit.count for limit in limits]
        passed = all(tat + step <= now + limit.per * 1000 for tat, step, limit in zip(tats, steps, limits, strict=True))
        if passed:
            tats = [tat + step for tat, step in zip(tats, steps, strict=True)]
            self._tats.update({limit.name: tat for limit, tat in zip(limits, tats, strict=True)})
        return verdict_of(limits, [(tat - now) / 1000 for tat in tats], passed=passed)

    def _forget_half(self) -> None:
        """Those nearest to where they began: what is forgotten of them is the least."""
        self._tats = dict(sorted(self._tats.items(), key=lambda item: item[1])[self.MOST // 2 :])


def verdict_of(limits: Sequence[Limit], debts: Sequence[float], *, passed: bool) -> Verdict:
    """From each limit's debt in seconds, and whether it passed; the limit with least left speaks."""
    found = []
    for limit, debt in zip(limits, debts, strict=True):
        step = limit.per / limit.count
        remaining = max(0, int((limit.per - debt) / step + 1e-6))
        wait = 0 if passed else max(0.0, debt + step - limit.per)
        found.append(Verdict(passed, limit.count, remaining, int(debt + 0.999), int(wait + 0.999)))
    return min(found, key=lambda verdict: (-verdict.retry_after, verdict.remaining / verdict.limit))
