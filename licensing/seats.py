"""The way to the seat rule: calls of the functions in `licensing/sql/seats.sql`, grouped into transactions.

While one transaction commits, further calls gather; the next one takes them all (at most `MOST_TOGETHER`). Nobody waits on a timer,
and an answer leaves only after its transaction is durably committed. Each call runs under its tenant's role and path, set for
this transaction only. A refusal is an answer like any other; when a call *fails* (a lock held too long, a defect), the whole
transaction is undone and each of its calls runs alone, so that only the guilty one suffers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cloudlicenses.kit.refusals import Busy
from cloudlicenses.web import metrics
from licensing.refusals import DatabaseAway
from tenants import roles

MOST_TOGETHER = 64
MOST_WAITING = 2_000
PATIENCE_TOGETHER_MS = 40
PATIENCE_ALONE_MS = 3_000
LOCKED_OUT = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]


class SeatRule(Protocol):
    """What stories need: ask a function of the seat rule in a tenant's schema."""

    async def ask(self, tenant_id: str, function: str, **arguments: Any) -> dict[str, Any]: ...


@dataclass(slots=True)
class Call:
    """One question, and where its answer goes."""

    tenant_id: str
    function: str
    arguments: Sequence[Any]
    answer: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Seats:
    """One per process. `ask` from any number of tasks."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[Call] = []
        self._is_at_work = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant_id: str, function: str, **arguments: Any) -> dict[str, Any]:
        """The function's answer, once it is committed. Raises `Busy`, `DatabaseAway`."""
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        call = Call(tenant_id, function, [_as_argument(value) for value in arguments.values()])
        self._waiting.append(call)
        metrics.observe_queue(len(self._waiting))
        if not self._is_at_work:
            self._is_at_work = True
            self._start(self._work())
        return await call.answer

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._commit_together(together)
        finally:
            self._is_at_work = False

    async def _commit_together(self, calls: list[Call]) -> None:
        started = time.perf_counter()
        try:
            answers = await self._transaction(calls, PATIENCE_TOGETHER_MS if len(calls) > 1 else PATIENCE_ALONE_MS)
        except Exception as error:
            self._after_failure(calls, error)
        else:
            metrics.observe_batch(len(calls), time.perf_counter() - started)
            for call, answer in zip(calls, answers, strict=True):
                _resolve(call, answer)

    def _after_failure(self, calls: list[Call], error: Exception) -> None:
        if len(calls) == 1 or is_away(error):
            for call in calls:
                _refuse(call, _as_refusal(error))
        else:
            for call in calls:
                self._start(self._commit_together([call]))

    async def _transaction(self, calls: list[Call], patience_ms: int) -> list[dict[str, Any]]:
        calls.sort(key=lambda call: call.tenant_id)
        async with self._pool.connection() as connection:
            try:
                async with connection.pipeline():
                    cursors = [cursor async for cursor in _run(connection, calls, patience_ms)]
                rows = [await cursor.fetchone() for cursor in cursors]
            except BaseException:
                # What it has prepared of an aborted pipeline is not known any more: nobody may use it again.
                await connection.close()
                raise
        return [msgspec.json.decode(row[0]) for row in rows if row is not None]


async def _run(connection: Connection, calls: list[Call], patience_ms: int) -> Any:
    await connection.execute("BEGIN")
    await connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(patience_ms)))
    tenant_id = ""
    for call in calls:
        if call.tenant_id != tenant_id:
            tenant_id = call.tenant_id
            await become(connection, tenant_id)
        question = sql.SQL("SELECT {}.{}({})::text").format(
            sql.Identifier(roles.schema_of(tenant_id)),
            sql.Identifier(call.function),
            sql.SQL(", ").join([sql.Placeholder()] * len(call.arguments)),
        )
        yield await connection.execute(question, call.arguments, prepare=True)
    await connection.execute("COMMIT")


async def become(connection: Connection, tenant_id: str) -> None:
    """For the rest of this transaction: the tenant's role and path."""
    await connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles.tenant_role(tenant_id))))
    await connection.execute(
        sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(roles.schema_of(tenant_id)))
    )


def is_away(error: Exception) -> bool:
    """Whether the database, not the request, is to blame."""
    return isinstance(error, PoolTimeout) or (
        isinstance(error, psycopg.OperationalError) and not isinstance(error, LOCKED_OUT)
    )


def _as_argument(value: Any) -> Any:
    return value if isinstance(value, str) else Jsonb(value, dumps=msgspec.json.encode)


def _as_refusal(error: Exception) -> Exception:
    if is_away(error):
        return DatabaseAway()
    return Busy() if isinstance(error, LOCKED_OUT) else error


def _resolve(call: Call, answer: dict[str, Any]) -> None:
    if not call.answer.done():
        call.answer.set_result(answer)


def _refuse(call: Call, error: Exception) -> None:
    if not call.answer.done():
        call.answer.set_exception(error)
