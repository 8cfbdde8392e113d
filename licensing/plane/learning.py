"""Fingerprints that were seen, gathered in memory and written together: a checkout pays a look into a dictionary for it.

What one process has written it writes again only after `AGAIN_SECONDS`; so "last seen" is right to some minutes. Whatever is lost
with a process that dies is seen again at the next checkout. Each tenant has its own room, and nothing is learned of products that
it has no license of: whoever holds a key can name any.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Executor
from datetime import datetime

import structlog
from django.db import close_old_connections

from applications import fingerprints
from applications.fingerprints import Sighting
from cloudlicenses.kit.actor import Actor
from licensing.checkout import Caller
from licensing.models import License
from tenants.context import inside

EVERY_SECONDS = 1.0
AGAIN_SECONDS = 300.0
MOST_WAITING = 1_000  # of one tenant
MOST_WRITTEN = 100_000

log = structlog.get_logger("plane")
Which = tuple[str, str, str]  # tenant, product, fingerprint


class Learner:
    """One per process; its threads have connections of Django's."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._waiting: dict[str, dict[Which, Sighting]] = {}  # by tenant
        self._written: dict[Which, float] = {}

    def saw(
        self, caller: Caller, product_id: str, value: str, state: str, mode: str, user: str, lib_version: str, now: datetime
    ) -> None:  # fmt: skip
        """It was used; to be written soon, if it was not lately. Beyond `MOST_WAITING` it is left for its next use."""
        which, waiting = (caller.tenant_id, product_id, value), self._waiting.get(caller.tenant_id, {})
        if self._written.get(which, 0.0) > time.monotonic() or which in waiting or len(waiting) >= MOST_WAITING:
            return
        waiting[which] = Sighting(product_id, value, state, mode, lib_version, user, now, _actor_of(caller))
        self._waiting[caller.tenant_id] = waiting

    async def work(self) -> None:
        """Write now and then, for ever."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write()

    async def write(self) -> None:
        """All that waits, tenant by tenant; what can't be written now is left for its next use."""
        waiting, self._waiting = self._waiting, {}
        for tenant_id, sightings in waiting.items():
            try:
                learned = await asyncio.get_running_loop().run_in_executor(
                    self._threads, _learn, tenant_id, list(sightings.values())
                )
            except (
                Exception
            ) as error:  # a tenant that is being deleted, a database that is away: others must not wait for it
                log.warning("fingerprints could not be written", tenant=tenant_id, exc_info=error)
            else:
                self._note_written(tenant_id, learned)

    def _note_written(self, tenant_id: str, sightings: list[Sighting]) -> None:
        if len(self._written) >= MOST_WRITTEN:
            self._written.clear()
        until = time.monotonic() + AGAIN_SECONDS
        self._written |= {(tenant_id, seen.product_id, seen.value): until for seen in sightings}


def _learn(tenant_id: str, sightings: list[Sighting]) -> list[Sighting]:
    """Those that were worth it."""
    close_old_connections()
    named = {seen.product_id for seen in sightings}
    with inside(tenant_id):
        licensed = set(License.objects.filter(product_id__in=named).values_list("product_id", flat=True))
        worth_it = [seen for seen in sightings if seen.product_id in licensed]
        fingerprints.learn(worth_it)
    return worth_it


def _actor_of(caller: Caller) -> Actor:
    return Actor(
        kind="key", id=caller.key.id, label=caller.key.app_name, key_id=caller.key.id, ip=caller.presented.ip,
        hostname=next(iter(caller.presented.hostnames), ""), fingerprint=caller.fingerprint[:128],
        user_agent=caller.user_agent, request_id=caller.request_id,
    )  # fmt: skip
