"""The way to the seat rule: calls of `seat_serve` in licensing/sql/seats.sql, grouped into transactions.

While one transaction commits, further calls gather; the next one takes them all (at most `MOST_TOGETHER`), from each tenant its
fair share. Nobody waits on a timer, and an answer leaves only after its transaction is durably committed. A refusal is an answer
like any other. When a tenant's part *fails* (a lock held too long, a defect), the transaction is undone, the others' calls are
made again without it, and that tenant goes apart for a while: its calls have a lane of their own, where they delay nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal, Protocol

import msgspec
import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cloudlicenses.kit.refusals import Busy
from cloudlicenses.web import metrics
from licensing.pipeline import Connection, Part, PartFailed, commit_together
from licensing.refusals import DatabaseAway
from tenants import roles

MOST_TOGETHER = 64
PATIENCE_TOGETHER_MS = 40
PATIENCE_APART_MS = 3_000
APART_SECONDS = 5.0
MOST_APART_AT_ONCE = 4  # of the pool's connections: those that wait for locks leave some for everybody else
LOCKED_OUT = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled)

Kind = Literal["ends", "heartbeats", "checkouts"]
KINDS: tuple[Kind, ...] = ("ends", "heartbeats", "checkouts")
Pool = AsyncConnectionPool[Connection]


class SeatRule(Protocol):
    """What stories need: put a call to the seat rule of a tenant."""

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass(slots=True)
class Call:
    """One question, and where its answer goes."""

    kind: Kind
    text: bytes
    answer: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


Calls = dict[str, list[Call]]  # by tenant


class Lane:
    """Calls that wait, by tenant; taken in turns, so that one tenant's thousand don't stand before another's one."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Call]] = {}
        self.length = 0
        self.is_at_work = False

    def put(self, tenant_id: str, call: Call) -> None:
        self._waiting.setdefault(tenant_id, deque()).append(call)
        self.length += 1

    def take(self, most: int) -> Calls:
        """At most so many, from each tenant as many as from any other that has them. In the order of the tenants' ids."""
        share = max(1, most // max(1, len(self._waiting)))
        taken: Calls = {}
        while most > 0 and self._waiting:
            for tenant_id, own in list(self._waiting.items())[:most]:
                now = [own.popleft() for _ in range(min(share, len(own), most))]
                taken.setdefault(tenant_id, []).extend(now)
                most -= len(now)
                self.length -= len(now)
                del self._waiting[tenant_id]
                if own:
                    self._waiting[tenant_id] = own  # behind the others
            share = 1
        return dict(sorted(taken.items()))


class Seats:
    """One per process. `ask` from any number of tasks. `announce` hears each tenant for whom something was committed."""

    def __init__(self, pool: Pool, own: Pool, announce: Callable[[str], None] = lambda tenant_id: None) -> None:
        """`own`: the pool of one connection for what goes together: always the same, so that its plans are at hand."""
        self._pool, self._own = pool, own
        self._announce = announce
        self._shared = Lane()
        self._apart: dict[str, tuple[float, Lane]] = {}
        self._apart_at_once = asyncio.Semaphore(MOST_APART_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant_id: str, kind: Kind, call: Mapping[str, Any]) -> dict[str, Any]:
        """The rule's answer, once it is committed. Raises `Busy`, `DatabaseAway`."""
        lane, patience_ms = self._lane_of(tenant_id)
        waiting = Call(kind, msgspec.json.encode(call))
        lane.put(tenant_id, waiting)
        if not lane.is_at_work:
            lane.is_at_work = True
            self._start(self._work(lane, patience_ms))
        return await waiting.answer

    def _lane_of(self, tenant_id: str) -> tuple[Lane, int]:
        if tenant_id not in self._apart:
            return self._shared, PATIENCE_TOGETHER_MS
        until, lane = self._apart[tenant_id]
        if time.monotonic() > until and not lane.length:
            del self._apart[tenant_id]
            return self._shared, PATIENCE_TOGETHER_MS
        return lane, PATIENCE_APART_MS

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: Lane, patience_ms: int) -> None:
        try:
            while lane.length:
                metrics.observe_queue(lane.length)
                await self._commit(lane.take(MOST_TOGETHER), patience_ms)
        finally:
            lane.is_at_work = False

    async def _commit(self, calls: Calls, patience_ms: int) -> None:
        started = time.perf_counter()
        parts = [_part(tenant_id, own) for tenant_id, own in calls.items()]
        try:
            async with self._connection(patience_ms) as connection:
                answers = await commit_together(connection, parts, patience_ms)
        except PartFailed as failure:
            await self._commit_others(calls, failure, patience_ms)
        except Exception as error:
            for call in chain.from_iterable(calls.values()):
                _refuse(call, _as_refusal(error))
        else:
            metrics.observe_batch(sum(map(len, calls.values())), time.perf_counter() - started)
            for own, answered in zip(calls.values(), answers, strict=True):
                for call, answer in zip(_in_order(own), answered, strict=True):
                    _resolve(call, answer)
            for tenant_id in calls:
                self._announce(tenant_id)

    @asynccontextmanager
    async def _connection(self, patience_ms: int) -> AsyncIterator[Connection]:
        if patience_ms == PATIENCE_TOGETHER_MS:
            async with self._own.connection() as connection:
                yield connection
        else:
            async with self._apart_at_once, self._pool.connection() as connection:
                yield connection

    async def _commit_others(self, calls: Calls, failure: PartFailed, patience_ms: int) -> None:
        """The guilty one's calls go on by themselves, at last one by one; the others' are made again at once."""
        guilty = calls.pop(failure.tenant_id)
        if patience_ms == PATIENCE_APART_MS and len(guilty) == 1:
            _refuse(guilty[0], _as_refusal(failure.__cause__ or failure))
        else:
            self._apart.setdefault(failure.tenant_id, (0.0, Lane()))
            self._apart[failure.tenant_id] = (time.monotonic() + APART_SECONDS, self._apart[failure.tenant_id][1])
            alone = [guilty] if patience_ms == PATIENCE_TOGETHER_MS else [[call] for call in guilty]
            for some in alone:
                self._start(self._commit({failure.tenant_id: some}, PATIENCE_APART_MS))
        if calls:
            await self._commit(calls, patience_ms)


def _in_order(calls: list[Call]) -> list[Call]:
    """As the rule answers them."""
    return sorted(calls, key=lambda call: KINDS.index(call.kind))


def _part(tenant_id: str, calls: list[Call]) -> Part:
    part = Part(tenant_id)
    for call in calls:
        getattr(part, call.kind).append(call.text)
    return part


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


def _as_refusal(error: BaseException) -> BaseException:
    if isinstance(error, Exception) and is_away(error):
        return DatabaseAway()
    return Busy() if isinstance(error, LOCKED_OUT) else error


def _resolve(call: Call, answer: dict[str, Any]) -> None:
    if not call.answer.done():
        call.answer.set_result(answer)


def _refuse(call: Call, error: BaseException) -> None:
    if not call.answer.done():
        call.answer.set_exception(error)
