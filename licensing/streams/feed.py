"""One tenant's streams: what is new in its audit log, told as it happens, without loss or repetition (position.py)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from licensing.streams import telling
from licensing.streams.crowd import Crowd, Since, retry_ms
from licensing.streams.position import Position, position_from
from licensing.streams.reading import SLACK, Entry, Look, Reader
from licensing.streams.telling import Sight, Told

LATECOMERS_SECONDS = 2.0  # between drawing an id and having a transaction's number lies a moment; this is a long one
UNHEARD_OF = Position(upto=2**62)  # beyond anything told: answered with a reset


class Feed(Crowd):
    def __init__(self, tenant_id: str, reader: Reader) -> None:
        super().__init__(tenant_id)
        self._tenant_id = tenant_id
        self._reader = reader
        self._position: Position | None = None
        self._gaps: list[tuple[int, float, set[int]]] = []  # noted at a look: its `next`, when, which ids were missing

    async def beat(self) -> None:
        if self._position is not None:
            sign = telling.notice(str(self._position))
            await self._offer(lambda _: sign)

    async def _beginning(self, sight: Sight, since: Since) -> bytes:
        position = await self._advance()
        start = await self._start(since)
        beginning = telling.notice(str(start or position), retry_ms=retry_ms())
        return beginning if start is None else beginning + await self._missed(start, position, sight)

    async def _start(self, since: Since) -> Position | None:
        if isinstance(since, datetime):
            return await self._reader.since(self._tenant_id, since)
        return None if since is None else position_from(since) or UNHEARD_OF

    async def _look(self) -> None:
        await self._advance()

    async def _advance(self) -> Position:
        """Tell all listeners what is new; the position then."""
        if self._position is None:
            position = Position(max(0, await self._reader.newest(self._tenant_id) - SLACK))
            await self._read_on(position)
            self._position = position
        else:
            told = await self._read_on(self._position)
            if told:
                await self._offer(lambda sight: telling.frames(told, sight))
        return self._position

    async def _read_on(self, position: Position) -> Told:
        told: list[tuple[Entry, str]] = []
        look: Look | None = None
        while look is None or look.is_full:
            look = await self._reader.after(self._tenant_id, position)
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
        look = await self._reader.after(self._tenant_id, start)
        if look.is_full:
            return telling.reset(str(position))
        missed = [entry for entry in look.entries if start.is_news(entry.id) and not position.is_news(entry.id)]
        return telling.frames(_told(missed, start), sight)


def _told(entries: Iterable[Entry], position: Position) -> list[tuple[Entry, str]]:
    """Each with the position that is reached by telling it."""
    told = []
    for entry in entries:
        if position.is_news(entry.id):
            position.tell(entry.id)
            if entry.event in telling.KINDS:
                told.append((entry, str(position)))
    return told
