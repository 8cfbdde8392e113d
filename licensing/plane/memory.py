"""Answers kept for some seconds, so that not every request asks again.

However many want to know the same at the same time, it is looked up once. What changes while it is looked up is not kept: the
answer may be of a moment before. What is in use is looked up again before it is too old, while the old answer serves; each at a
moment of its own, so that what was learned at one instant isn't asked for at one instant ever after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, NamedTuple, TypeVar
from zlib import crc32

MOST_REMEMBERED = 50_000
AHEAD = (0.7, 0.95)  # of its time: between these it is looked up again
TOGETHER_SECONDS = 0.05  # what is to be looked up again within it is asked for at once (lookups.py)

Kept = TypeVar("Kept")


class Entry(NamedTuple, Generic[Kept]):
    """`again_from`, `until`: when to look again, and when not to answer with it any more."""

    again_from: float
    until: float
    kept: Kept


class Memory(Generic[Kept]):
    """Bounded: when there are too many answers, all are dropped. No answer is older than `seconds`, counted from when it came."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._kept: dict[str, Entry[Kept]] = {}
        self._being_found: dict[str, asyncio.Future[Kept]] = {}

    async def get(self, name: str, find: Callable[[], Awaitable[Kept]]) -> Kept:
        """What is remembered under this name, else what `find` finds; raises what it raises, which is not kept."""
        known = self._kept.get(name)
        if known is not None and (now := monotonic()) < known.until:
            if now > known.again_from:
                self._kept[name] = known._replace(again_from=known.until)
                self._renew(name, find)
            return known.kept
        finding = self._being_found.get(name) or self._find(name, find)
        return await asyncio.shield(finding)  # whoever goes away leaves it to the others

    def _renew(self, name: str, find: Callable[[], Awaitable[Kept]]) -> None:
        def renew() -> None:
            if name not in self._being_found:
                self._find(name, find)

        loop = asyncio.get_running_loop()
        loop.call_at((loop.time() // TOGETHER_SECONDS + 1) * TOGETHER_SECONDS, renew)

    def _find(self, name: str, find: Callable[[], Awaitable[Kept]]) -> asyncio.Future[Kept]:
        finding = self._being_found[name] = asyncio.ensure_future(find())
        finding.add_done_callback(lambda found: self._keep(name, found))
        return finding

    def note(self, name: str, kept: Kept) -> None:
        """It is known already, nobody needs to look it up."""
        if len(self._kept) >= MOST_REMEMBERED:
            self._kept.clear()
        now = monotonic()
        self._kept[name] = Entry(now + self.seconds * _share_of(name), now + self.seconds, kept)

    def forget(self, matching: Callable[[Kept], bool]) -> None:
        self._being_found.clear()
        self._kept = {name: kept for name, kept in self._kept.items() if not matching(kept.kept)}

    def forget_one(self, name: str) -> None:
        self._being_found.pop(name, None)
        self._kept.pop(name, None)

    def forget_all(self) -> None:
        self._being_found.clear()
        self._kept.clear()

    def _keep(self, name: str, found: asyncio.Future[Kept]) -> None:
        failure = None if found.cancelled() else found.exception()  # looked at, or asyncio would say that nobody did
        if self._being_found.get(name) is not found:
            return
        del self._being_found[name]
        if failure is None and not found.cancelled():
            self.note(name, found.result())


def _share_of(name: str) -> float:
    """Of its time: when it is to be looked up again. Always the same of a name, and names are spread evenly."""
    earliest, latest = AHEAD
    return earliest + (latest - earliest) * crc32(name.encode()) / 2**32
