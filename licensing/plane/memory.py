"""Answers kept for some seconds, so that not every request asks again.

However many want to know the same at the same time, it is looked up once. What changes while it is looked up is not kept: the
answer may be of a moment before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

MOST_REMEMBERED = 50_000

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """Bounded: when there are too many answers, all are dropped."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._kept: dict[str, tuple[float, Kept]] = {}
        self._being_found: dict[str, asyncio.Future[Kept]] = {}

    async def get(self, name: str, find: Callable[[], Awaitable[Kept]]) -> Kept:
        """What is remembered under this name, else what `find` finds; raises what it raises, which is not kept."""
        known = self._kept.get(name)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        finding = self._being_found.get(name)
        if finding is None:
            finding = self._being_found[name] = asyncio.ensure_future(find())
            finding.add_done_callback(lambda found: self._keep(name, found))
        return await asyncio.shield(finding)  # whoever goes away leaves it to the others

    def note(self, name: str, kept: Kept) -> None:
        """It is known already, nobody needs to look it up."""
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        self._kept[name] = (time.monotonic() + self.seconds, kept)

    def forget(self, matching: Callable[[Kept], bool]) -> None:
        self._being_found.clear()
        self._kept = {name: kept for name, kept in self._kept.items() if not matching(kept[1])}

    def forget_one(self, name: str) -> None:
        self._being_found.pop(name, None)
        self._kept.pop(name, None)

    def forget_all(self) -> None:
        self._being_found.clear()
        self._kept.clear()

    def _keep(self, name: str, found: asyncio.Future[Kept]) -> None:
        if self._being_found.get(name) is not found:
            return
        del self._being_found[name]
        if not found.cancelled() and found.exception() is None:
            self.note(name, found.result())
