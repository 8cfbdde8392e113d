"""One tenant's streams in this process: they share one look at what is new, and the bytes that tell it.

A look begins when the bell rings (bells.py) and waits for none but itself: what rings meanwhile is seen by the next one. A listener
that joins is first told what it missed since its `Last-Event-ID`, and then hears what the others hear.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from datetime import datetime

import structlog

from licensing.streams import telling
from licensing.streams.position import Position
from licensing.streams.reading import SLACK, Entry, Look, Reader
from licensing.streams.stream import Stream
from licensing.streams.telling import Sight, Told

BETWEEN_LOOKS = 0.05
LATECOMERS_SECONDS = 2.0  # between drawing an id and having a transaction's number lies a moment; this is a long one
AT_ONCE = 50  # streams that are served before everybody else has a turn
RETRY_MS = (1_000, 4_000)
Since = Position | datetime | None  # behind what was told; from what a page showed; from now on

log = structlog.get_logger("streams")


class Feed:
    def __init__(self, tenant_id: str, reader: Reader) -> None:
        self.tenant_id = tenant_id
        self.streams: set[Stream] = set()
        self._joining: set[Stream] = set()
        self._reader = reader
        self._position: Position | None = None
        self._gaps: list[tuple[int, float, set[int]]] = []  # noted at a look: its `next`, when, which ids were missing
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_rung = False

    def ring(self) -> None:
        """Something may be new."""
        self._is_rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_while_it_rings())

    @property
    def size(self) -> int:
        """How many listen, or are about to."""
        return len(self.streams) + len(self._joining)

    def enter(self, stream: Stream) -> None:
        """It counts from now on, and hears nothing before `join`."""
        self._joining.add(stream)

    async def join(self, stream: Stream, since: Since) -> None:
        """From now on the stream hears everything; first what it missed, if that can be told. Raises what the database raises."""
        async with self._lock:
            position = await self._advance()
            start = await self._reader.since(self.tenant_id, since) if isinstance(since, datetime) else since
            retry_ms = random.randint(*RETRY_MS)  # noqa: S311 - so that not all come back in the same instant
            stream.offer(telling.notice(str(start or position), retry_ms=retry_ms))
            if start is not None:
                stream.offer(await self._missed(start, position, stream.caller.sight))
            self._joining.discard(stream)
            self.streams.add(stream)
        self.ring()

    def leave(self, stream: Stream) -> None:
        self._joining.discard(stream)
        self.streams.discard(stream)

    async def beat(self) -> None:
        """A sign of life to every listener, with the position they have reached."""
        if self._position is not None:
            await self._offer(telling.notice(str(self._position)))

    async def close(self, last_words: bytes) -> None:
        for number, stream in enumerate(list(self.streams)):
            stream.end(last_words)
            await _give_way(number)

    async def _look_while_it_rings(self) -> None:
        while self._is_rung and self.streams:
            self._is_rung = False
            try:
                async with self._lock:
                    await self._advance()
            except Exception as error:
                log.warning("events can't be read now", tenant=self.tenant_id, exc_info=error)
                return  # rung again within seconds
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _advance(self) -> Position:
        """Tell all listeners what is new; the position then."""
        if self._position is None:
            position = Position(max(0, await self._reader.newest(self.tenant_id) - SLACK))
            await self._read_on(position)
            self._position = position
        else:
            told = await self._read_on(self._position)
            if told:
                await self._offer(told)
        return self._position

    async def _read_on(self, position: Position) -> Told:
        told: list[tuple[Entry, str]] = []
        look: Look | None = None
        while look is None or look.is_full:
            look = await self._reader.after(self.tenant_id, position)
            known = set(position.missing)
            told += _told(look.entries, position)
            self._note_gaps(look, position, position.missing - known)
        return told

    def _note_gaps(self, look: Look, position: Position, new: set[int]) -> None:
        """Ids that were rolled back are given up once every transaction has ended that could have drawn them."""
        now = time.monotonic()
        if new:
            self._gaps.append((look.next, now, new))
        settled = [gap for gap in self._gaps if look.oldest >= gap[0] and now - gap[1] > LATECOMERS_SECONDS]
        for gap in settled:
            position.missing -= gap[2]
            self._gaps.remove(gap)

    async def _missed(self, start: Position, position: Position, sight: Sight) -> bytes:
        """What the listener was not told, and all others were. What nobody was told yet comes with the next look."""
        if start.upto > position.upto:  # nobody was ever told so much here
            return telling.reset(str(position))
        look = await self._reader.after(self.tenant_id, start)
        if look.is_full:
            return telling.reset(str(position))
        missed = [entry for entry in look.entries if start.is_news(entry.id) and not position.is_news(entry.id)]
        return telling.frames(_told(missed, start), sight)

    async def _offer(self, what: Told | bytes) -> None:
        prepared: dict[Sight, bytes] = {}
        for number, stream in enumerate(list(self.streams)):
            sight = stream.caller.sight
            if sight not in prepared:
                prepared[sight] = what if isinstance(what, bytes) else telling.frames(what, sight)
            stream.offer(prepared[sight])
            await _give_way(number)


def _told(entries: Iterable[Entry], position: Position) -> list[tuple[Entry, str]]:
    """Each with the position that is reached by telling it."""
    told = []
    for entry in entries:
        if position.is_news(entry.id):
            position.tell(entry.id)
            if entry.event in telling.KINDS:
                told.append((entry, str(position)))
    return told


async def _give_way(number: int) -> None:
    """A thousand sends in one go would hold up every checkout for 20 ms."""
    if number % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)
