"""The one ASGI application: the plane's three addresses, asynchronously; Django for everything else, in threads.

Run it with uvicorn, one process a core at most; `lifespan` opens and closes what the plane needs.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from django.conf import settings

from cloudlicenses.bridge import Bridge  # first: it makes Django's apps ready
from licensing.plane.app import Plane
from licensing.plane.http import Receive, Scope, Send
from licensing.seats import Connection, Pool

PLANE_CONNECTIONS = 8


class Application:
    """Routes by path, then by host: the plane answers for tenants alone."""

    def __init__(self) -> None:
        self.django = Bridge()
        self.pool: Pool | None = None
        self.plane: Plane | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.plane is not None and scope["path"] in self.plane.routes and await self._is_tenants(self.plane, scope):
            await self.plane(scope, receive, send)
        else:
            await self.django(scope, receive, send)

    async def _is_tenants(self, plane: Plane, scope: Scope) -> bool:
        """When the database is away nobody can tell; the plane then says so with a 503."""
        try:
            return await plane.tenant_of(scope) is not None
        except Exception:
            return True

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self) -> None:
        self.pool = Pool(
            connection_class=Connection,
            kwargs=_connection_options(),
            min_size=1,
            max_size=PLANE_CONNECTIONS,
            open=False,
            timeout=3,
        )
        await self.pool.open(wait=False)
        self.plane = Plane(self.pool)
        self._listener = asyncio.create_task(self.plane.callers.listen())

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self.pool is not None:
            await self.pool.close()


def _connection_options() -> dict[str, Any]:
    database: dict[str, Any] = settings.DATABASES["default"]
    return {
        "dbname": database["NAME"], "host": database["HOST"] or None, "port": database["PORT"] or None,
        "user": database["USER"], "password": database["PASSWORD"], "autocommit": True, **database["OPTIONS"],
    }  # fmt: skip


application = Application()
