"""The way to the seat rule: calls of `seat_serve` in licensing/sql/seats.sql, grouped into transactions.

While one transaction commits, further calls gather; the next one takes them all (at most `MOST_TOGETHER`), from each tenant its
fair share. Nobody waits on a timer, and an answer leaves only after its transaction is durably committed. A refusal is an answer
like any other. When a tenant's part *fails* (a lock held too long, a defect), the transaction is undone, the others' calls are
made again without it, and that tenant goes apart for a while: its calls have a lane of their own, where they delay nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any, Protocol

import msgspec
import psycopg
import structlog
from psycopg import sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cloudlicenses.kit.refusals import Busy
from cloudlicenses.web import metrics, wakeups
from licensing.lanes import Call, Calls, Kind, Lane, in_order, part_of
from licensing.pipeline import Answers, Connection, PartFailed, commit_together, has_met
from licensing.refusals import DatabaseAway
from tenants import roles

MOST_TOGETHER = 64
PATIENCE_TOGETHER_MS = 40
PATIENCE_APART_MS = 3_000
PATIENCE_ALONE_MS = 10  # it has waited already, with others of its tenant
APART_SECONDS = 5.0
MOST_MET = 2_000  # tenants by the connection of what goes together, which keeps nearly 1 MB of each
MET_WHILE_TABLES_CHANGE = 100  # it looks through the plans of all whom it has met at each change
MOST_APART_AT_ONCE = 4  # of the pool's connections: those that wait for locks leave some for everybody else
LOCKED_OUT = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled)
TOOK_TOO_LONG = (TimeoutError, PoolTimeout)

Pool = AsyncConnectionPool[Connection]

log = structlog.get_logger("plane")


class SeatRule(Protocol):
    """What stories need: put a call to the seat rule of a tenant."""

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]: ...


class Seats:
    """One per process. `ask` from any number of tasks. `announce` hears each tenant for whom something was committed."""

    def __init__(self, pool: Pool, own: Pool, announce: Callable[[str], None] = lambda tenant_id: None) -> None:
        """`own`: the pool of one connection for what goes together: always the same, so that its plans are at hand."""
        self._pool, self._own = pool, own
        self._announce = announce
        self._shared = Lane(PATIENCE_TOGETHER_MS)
        self._apart: dict[str, Lane] = {}
        self._tables_change = False
        self._apart_at_once = asyncio.Semaphore(MOST_APART_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]:
        """The rule's answer, once it is committed. Raises `Busy`, `DatabaseAway`."""
        waiting = Call(kind, msgspec.json.encode(call))
        self._put(self._lane_of(tenant_id), tenant_id, [waiting])
        return await waiting.answer

    def forget(self, kind: str, name: str) -> None:
        """As `wakeups.announce` says it."""
        self._tables_change |= kind == wakeups.TABLES

    def forget_all(self) -> None:
        """Whatever was not heard: what is kept here is kept by PostgreSQL, which is told by itself."""

    def _lane_of(self, tenant_id: str) -> Lane:
        lane = self._apart.get(tenant_id, self._shared)
        return self._shared if lane.is_over else lane

    def _put(self, lane: Lane, tenant_id: str, calls: Iterable[Call]) -> None:
        for call in calls:
            lane.put(tenant_id, call)
        if not lane.is_at_work:
            lane.is_at_work = True
            task = asyncio.get_running_loop().create_task(self._work(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: Lane) -> None:
        try:
            while lane.length:
                await self._commit(lane.take(MOST_TOGETHER), lane, lane.patience_ms)
        finally:
            lane.is_at_work = False

    async def _commit(self, calls: Calls, lane: Lane, patience_ms: int) -> None:
        """Each call is answered or refused, whatever happens: nobody may wait for ever."""
        try:
            started = time.perf_counter()
            metrics.observe_queue(lane.length)
            parts = [part_of(tenant_id, own) for tenant_id, own in calls.items()]
            async with self._connection(lane) as connection:
                answers = await commit_together(connection, parts, patience_ms)
            self._answer(calls, answers)
            metrics.observe_batch(sum(map(len, calls.values())), time.perf_counter() - started)
        except PartFailed as failure:
            await self._go_on_after(failure, calls, lane, patience_ms)
        except Exception as error:
            _refuse(calls, error)
            if isinstance(
                error, TOOK_TOO_LONG
            ):  # for those behind them, too: they don't wait for their own turn to fail
                _refuse(lane.take(lane.length), error)
            if is_away(error):
                log.warning("the database is away", error=repr(error))
            else:
                log.error("defect", exc_info=error)

    def _answer(self, calls: Calls, answers: list[Answers]) -> None:
        for own, answered in zip(calls.values(), answers, strict=True):
            for call, answer in zip(in_order(own), answered, strict=True):
                call.resolve(answer)
        for tenant_id in calls:
            self._announce(tenant_id)

    @asynccontextmanager
    async def _connection(self, lane: Lane) -> AsyncIterator[Connection]:
        if lane is self._shared:
            if self._tables_change:
                self._tables_change = False
                await self._replace_own(MET_WHILE_TABLES_CHANGE)
            async with self._own.connection() as connection:
                yield connection
                if has_met(connection, MOST_MET):
                    await connection.close()
        else:
            async with self._apart_at_once, self._pool.connection() as connection:
                yield connection

    async def _replace_own(self, if_met: int) -> None:
        """By one that remembers nobody; the pool makes it."""
        async with self._own.connection() as connection:
            if has_met(connection, if_met):
                await connection.close()

    async def _go_on_after(self, failure: PartFailed, calls: Calls, lane: Lane, patience_ms: int) -> None:
        """The guilty one's calls go on by themselves, at last one by one; the others' are made again at once."""
        tenant_id = failure.tenant_id
        guilty = calls.pop(tenant_id)
        if lane is self._shared:
            self._set_apart(tenant_id, guilty)
        elif len(guilty) == 1:
            _refuse({tenant_id: guilty}, failure.__cause__ or failure)
        else:
            lane.needed_until = time.monotonic() + APART_SECONDS
            for call in guilty:
                await self._commit({tenant_id: [call]}, lane, PATIENCE_ALONE_MS)
        if calls:
            await self._commit(calls, lane, patience_ms)

    def _set_apart(self, tenant_id: str, guilty: list[Call]) -> None:
        """With all of its calls that wait, so that no more of them fail a transaction that others share."""
        self._apart = {name: lane for name, lane in self._apart.items() if not lane.is_over}
        lane = self._apart.setdefault(tenant_id, Lane(PATIENCE_APART_MS))
        lane.needed_until = time.monotonic() + APART_SECONDS
        self._put(lane, tenant_id, [*guilty, *self._shared.take_all_of(tenant_id)])


async def become(connection: Connection, tenant_id: str) -> None:
    """For the rest of this transaction: the tenant's role and path."""
    await connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles.tenant_role(tenant_id))))
    await connection.execute(
        sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(roles.schema_of(tenant_id)))
    )


def is_away(error: Exception) -> bool:
    """Whether the database, not the request, is to blame."""
    return isinstance(error, (PoolTimeout, TimeoutError)) or (
        isinstance(error, psycopg.OperationalError) and not isinstance(error, LOCKED_OUT)
    )


def _refuse(calls: Calls, error: BaseException) -> None:
    for call in chain.from_iterable(calls.values()):
        call.refuse(_as_refusal(error))


def _as_refusal(error: BaseException) -> BaseException:
    if isinstance(error, Exception) and is_away(error):
        return DatabaseAway()
    return Busy() if isinstance(error, LOCKED_OUT) else error
