"""Who asks for what isn't there, again and again: keys and devices that nobody knows cost a look into the database each.

What is known is remembered, so whoever is in the right hardly ever has to be looked up and is not held back.
"""

from __future__ import annotations

import time

from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit
from keys.refusals import RateLimited

MISSES_PER_MINUTE = 600
MOST_HELD_BACK = 50_000


class Floods:
    """One per process; misses are counted for all processes together."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._until: dict[str, float] = {}

    def hold_back(self, whose: str) -> None:
        """Before anything is looked up for them. Raises `RateLimited`."""
        left = self._until.get(whose, 0.0) - time.monotonic()
        if left > 0:
            raise RateLimited("Too many requests with what is unknown here.", retry_after=int(left) + 1)

    async def count(self, whose: str) -> None:
        """They asked for what isn't there. Beyond `MISSES_PER_MINUTE` they are held back."""
        verdict = await self._limiter.take_async([Limit(f"misses:{whose}", MISSES_PER_MINUTE, 60)])
        if not verdict.passed:
            if len(self._until) >= MOST_HELD_BACK:
                self._until.clear()
            self._until[whose] = time.monotonic() + max(1, verdict.retry_after)
