"""Those in this process who hear of one tenant, or of one vendor: they share one look at what is new, and the bytes that tell it.

A look begins when the bell rings (bells.py) and waits for none but itself: what rings meanwhile is seen by the next one. A listener
that joins is first told what it missed, and then hears what the others hear. What there is to see: feed.py, changes.py.
"""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime

import structlog

from licensing.streams.stream import Stream
from licensing.streams.telling import Sight

BETWEEN_LOOKS = 0.05
AT_ONCE = 50  # streams that are served before everybody else has a turn
RETRY_MS = range(1_000, 4_000)
COME_BACK = b"retry: 1000\n\n"
Since = str | datetime | None  # behind what was told (`Last-Event-ID`); from what a page showed; from now on

log = structlog.get_logger("streams")


class Crowd(ABC):
    def __init__(self, audience: str) -> None:
        self.audience = audience
        self.streams: set[Stream] = set()
        self._joining: set[Stream] = set()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_rung = False

    @property
    def size(self) -> int:
        """How many listen, or are about to."""
        return len(self.streams) + len(self._joining)

    def enter(self, stream: Stream) -> None:
        """It counts from now on, and hears nothing before `join`."""
        self._joining.add(stream)

    async def join(self, stream: Stream, since: Since) -> None:
        """From now on the stream hears everything; first what it missed, if that can be told. Raises what the look raises."""
        async with self._lock:
            stream.offer(await self._beginning(stream.caller.sight, since))
            self._joining.discard(stream)
            self.streams.add(stream)
        self.ring()

    def leave(self, stream: Stream) -> None:
        self._joining.discard(stream)
        self.streams.discard(stream)

    def ring(self) -> None:
        """Something may be new."""
        self._is_rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_while_it_rings())

    async def close(self, last_words: bytes = COME_BACK) -> None:
        for number, stream in enumerate(list(self.streams)):
            stream.end(last_words)
            await _give_way(number)

    @abstractmethod
    async def beat(self) -> None:
        """A sign of life to every listener, with the position they have reached."""

    @abstractmethod
    async def _beginning(self, sight: Sight, since: Since) -> bytes:
        """What somebody who joins is told first; everybody else is told what is new by now."""

    @abstractmethod
    async def _look(self) -> None:
        """Tell all listeners what is new."""

    async def _look_while_it_rings(self) -> None:
        while self._is_rung and self.streams:
            self._is_rung = False
            try:
                async with self._lock:
                    await self._look()
            except Exception as error:
                await self._go_on_after(error)
                return  # rung again within seconds
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _go_on_after(self, error: Exception) -> None:
        log.warning("events can't be read now", audience=self.audience, exc_info=error)

    async def _offer(self, prepare: Callable[[Sight], bytes]) -> None:
        """To everybody, what is prepared for their sight."""
        prepared: dict[Sight, bytes] = {}
        for number, stream in enumerate(list(self.streams)):
            sight = stream.caller.sight
            if sight not in prepared:
                prepared[sight] = prepare(sight)
            stream.offer(prepared[sight])
            await _give_way(number)


def retry_ms() -> int:
    """So that not all come back in the same instant."""
    return secrets.choice(RETRY_MS)


async def _give_way(number: int) -> None:
    """A thousand sends in one go would hold up every checkout for 20 ms."""
    if number % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)
