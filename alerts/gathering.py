"""Tenants at which this process has just served checkouts, gathered in memory and noted in the database together, once a second.

`note` is all that a checkout pays: it puts a name into a set. What dies with the process is found a minute later (watching.py).
"""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from alerts.watch.noting import LOOK
from cloudlicenses.kit import clock
from licensing.seats import Pool

EVERY_SECONDS = 1.0
PATIENCE_MS = 1_000

log = structlog.get_logger("alerts")


class Gathered:
    """One per process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tenants: set[str] = set()

    def note(self, tenant_id: str) -> None:
        self._tenants.add(tenant_id)

    async def pass_on(self) -> None:
        """For ever; what is left is noted at the end."""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Note what was gathered; what can't be noted now is kept for the next time."""
        tenants, self._tenants = self._tenants, set()
        if not tenants:
            return
        try:
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
                await connection.execute(LOOK, {"tenants": sorted(tenants), "at": clock.now()})
        except (psycopg.Error, PoolTimeout) as error:
            self._tenants |= tenants
            log.warning("checkouts are looked at later", tenants=len(tenants), exc_info=error)
