"""Who rings when something happened at a tenant, or to what a vendor has, here and in other processes.

`ring` costs a moment and may be called after every commit: it only notes the name. What was noted is rung here and told to other
processes together, some 20 times a second. Without Valkey the others find out by themselves within seconds (app.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import cast

import redis
import structlog
from django.conf import settings

from cloudlicenses.kit import valkey
from cloudlicenses.web import wakeups
from licensing.streams.changes import Marks

GATHERED_SECONDS = 0.05
AWAY_SECONDS = 1.0
MOST_TOGETHER = 500
PATIENCE_SECONDS = 3.0  # for marks: whoever gives up on them ends streams
OURSELVES = f"{os.getpid()}-{os.urandom(4).hex()}"

log = structlog.get_logger("streams")


class Bells:
    """`hear(audience)` is called on this event loop, for what happened anywhere; `changed(kind, name)` for web.wakeups;
    `out_of_touch()` when some of both may have been missed."""

    def __init__(
        self, hear: Callable[[str], None], changed: Callable[[str, str], None], out_of_touch: Callable[[], None]
    ) -> None:
        self.is_connected = False
        self._hear = hear
        self._changed = changed
        self._out_of_touch = out_of_touch
        self._rung: set[str] = set()
        self._awake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._valkey = valkey.from_event_loop(
            settings.REDIS_URL, decode_responses=True, socket_timeout=0.5, socket_connect_timeout=0.5
        )
        self._marks = valkey.from_event_loop(
            settings.REDIS_URL,
            decode_responses=True,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        )

    def ring(self, audience: str) -> None:
        self._rung.add(audience)
        self._awake.set()

    def ring_from_a_thread(self, audience: str) -> None:
        """For Django's threads of this process; harmless when the loop has gone."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.ring, audience)

    async def pass_on(self) -> None:
        """For ever: what was rung is heard here, and told to the other processes."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(GATHERED_SECONDS)
            self._awake.clear()
            rung, self._rung = list(self._rung), set()
            for audience in rung:
                self._hear(audience)
            if self.is_connected:
                await self._tell_others(rung)

    async def listen(self) -> None:
        """For ever: what other processes ring; and keys and tenants that change."""
        while True:
            try:
                await self._listen_once()
            except (redis.RedisError, OSError):
                self.is_connected = False
                self._out_of_touch()
                log.warning("valkey is away: events of other processes come some seconds late")
                await asyncio.sleep(AWAY_SECONDS)

    async def marks_of(self, vendor_id: str) -> Marks:
        """When each kind of thing of a vendor's last changed (web.wakeups). Raises what Valkey raises."""
        found = self._marks.hgetall(wakeups.MARKS + vendor_id)
        return await cast(Awaitable[Marks], found)  # its types say what redis-py answers without an event loop, too

    async def close(self) -> None:
        await self._valkey.aclose()
        await self._marks.aclose()

    async def _listen_once(self) -> None:
        async with valkey.from_event_loop(settings.REDIS_URL, decode_responses=True).pubsub() as channel:
            await channel.subscribe(wakeups.CHANNEL, wakeups.HAPPENED)
            self.is_connected = True
            self._out_of_touch()
            async for message in channel.listen():
                if message["type"] == "message":
                    self._understand(str(message["channel"]), str(message["data"]))

    def _understand(self, channel: str, text: str) -> None:
        if channel == wakeups.HAPPENED:
            sender, *audiences = text.split(" ")
            for audience in audiences if sender != OURSELVES else ():
                self._hear(audience)
        else:
            self._changed(*text.partition(" ")[::2])

    async def _tell_others(self, rung: list[str]) -> None:
        try:
            for start in range(0, len(rung), MOST_TOGETHER):
                message = " ".join((OURSELVES, *rung[start : start + MOST_TOGETHER]))
                await self._valkey.publish(wakeups.HAPPENED, message)
        except (redis.RedisError, OSError):
            self.is_connected = False
