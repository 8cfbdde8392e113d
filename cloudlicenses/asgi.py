"""The one ASGI application: the plane's three addresses, asynchronously; Django for everything else, in threads.

cloudlicenses/serving.py runs it, one process a core at most; `lifespan` opens and closes what the plane needs.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
from django.conf import settings

from alerts.gathering import Gathered
from cloudlicenses.bridge import Bridge  # first: it makes Django's apps ready
from cloudlicenses.web import wakeups
from licensing.pipeline import PLANS, Connection
from licensing.plane.app import Plane
from licensing.plane.http import Receive, Scope, Send, request_from
from licensing.seats import Pool, is_away
from licensing.streams.app import PATHS as STREAM_PATHS
from licensing.streams.app import EventStreams

PLANE_CONNECTIONS = 8
STREAM_CONNECTIONS = 2

log = structlog.get_logger("plane")


class Application:
    """Routes by path, then by host: the plane answers for tenants alone."""

    def __init__(self) -> None:
        self.django = Bridge()
        self.pools: list[Pool] = []
        self.plane: Plane | None = None
        self.streams: EventStreams | None = None
        self._going_on: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.plane is not None and scope["path"] in self.plane.routes:
            await self._serve_plane(self.plane, scope, receive, send)
        elif self.streams is not None and scope["path"] in STREAM_PATHS:
            await self.streams(scope, receive, send)
        else:
            await self.django(scope, receive, send)

    async def _serve_plane(self, plane: Plane, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_from(scope)
        try:
            tenant = await plane.tenant_of(request)
        except Exception as error:
            if not is_away(error):
                log.error("defect", exc_info=error)
            await plane(request, None, receive, send)  # nobody can tell whose host it is; the plane says so with a 503
            return
        if tenant is None:
            await self.django(scope, receive, send)
        else:
            await plane(request, tenant, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self) -> None:
        pool, own, for_lookups, for_streams = self.pools = [
            await _pool(1, PLANE_CONNECTIONS), await _pool(1, 1), await _pool(1, 1), await _pool(0, STREAM_CONNECTIONS)
        ]  # fmt: skip
        self.streams = EventStreams(self.django, for_streams)
        gathered = Gathered(pool)
        self.plane = Plane(pool, own, for_lookups, announce=self.streams.ring, note_checkout=gathered.note)
        wakeups.heard_here.append(self.streams.ring_from_a_thread)
        _when_told_to_stop(self.streams.stop_soon)
        self._going_on = [
            asyncio.create_task(self.plane.live()), asyncio.create_task(gathered.pass_on())
        ]  # fmt: skip

    async def _close(self) -> None:
        for task in self._going_on:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self.plane is not None:
            await self.plane.close()
        if self.streams is not None:
            await self.streams.close()
        for pool in self.pools:
            await pool.close()


async def _pool(least: int, most: int) -> Pool:
    pool = Pool(
        connection_class=Connection, kwargs=_connection_options(), min_size=least, max_size=most, open=False, timeout=3
    )
    await pool.open(wait=False)
    return pool


def _when_told_to_stop(hurry: Callable[[], None]) -> None:
    """The server waits for open answers before it ends the lifespan; a stream would keep it waiting. So both hear the signal."""
    if threading.current_thread() is not threading.main_thread():
        return  # no signals arrive here; whoever runs us in a thread ends us in another way
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers = signal.getsignal(number)

        def pass_on(number: int, frame: FrameType | None, servers: Any = servers) -> None:
            loop.call_soon_threadsafe(hurry)
            if callable(servers):
                servers(number, frame)

        signal.signal(number, pass_on)


def _connection_options() -> dict[str, Any]:
    database: dict[str, Any] = settings.DATABASES["default"]
    return {
        "dbname": database["NAME"], "host": database["HOST"] or None, "port": database["PORT"] or None,
        "user": database["USER"], "password": database["PASSWORD"], "autocommit": True, **database["OPTIONS"],
        "prepare_threshold": None,  # psycopg would forget all that a connection has prepared, licensing/pipeline.py's too
        "options": f"{database['OPTIONS'].get('options', '')} {PLANS}",
    }  # fmt: skip


application = Application()
