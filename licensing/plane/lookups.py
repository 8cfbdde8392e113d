"""What the plane asks the database about callers, for many tenants together.

What is remembered of a tenant or a key is looked up anew every few seconds; with a thousand tenants in use those are hundreds
of questions a second. While one lot of them is being answered, further ones gather; each lot is one transaction over one
connection, always the same, which knows the tenants' tables by then, and all of it is sent before the first answer is read. A lot
that fails (a table that is locked for longer than `PATIENCE_TOGETHER_MS`, a tenant that is being deleted) is asked question by
question, each in a transaction of its own, and a tenant's one after the other, those that come meanwhile behind them: so one
tenant's trouble takes one connection, and is nobody else's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from licensing.pipeline import MOST_SECONDS, Connection
from licensing.seats import Pool, become, is_away

MOST_TOGETHER = 64
PATIENCE_TOGETHER_MS = 40
PATIENCE_ALONE_MS = 3_000
A_MOMENT = 0.05

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Question:
    """`tenant_id`: whose role asks; empty for the platform's."""

    tenant_id: str
    query: str
    values: Sequence[Any]
    answer: asyncio.Future[Rows] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Lookups:
    """One per process; `ask` from any number of tasks."""

    def __init__(self, pool: Pool, own: Pool) -> None:
        """`own`: the pool of one connection for what goes together; `pool` for what goes alone."""
        self._pool, self._own = pool, own
        self._waiting: list[Question] = []
        self._apart: dict[str, deque[Question]] = {}  # of tenants whose questions are being asked one by one
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_at_work = False

    async def ask(self, tenant_id: str, query: str, *values: Any) -> Rows:
        """What the tenant's role finds; with an empty `tenant_id` what the platform finds. For a change that answers nothing: no
        rows. Raises what the database raises."""
        question = Question(tenant_id, query, values)
        if tenant_id in self._apart:
            self._apart[tenant_id].append(question)
        else:
            self._waiting.append(question)
        if self._waiting and not self._is_at_work:
            self._is_at_work = True
            self._start(self._work())
        return await question.answer

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                lot, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._answer(lot)
        finally:
            self._is_at_work = False

    async def _answer(self, lot: Sequence[Question]) -> None:
        """Each of them hears something, whatever happens: nobody may wait for ever."""
        try:
            _tell(lot, await _asked(self._own, lot, PATIENCE_TOGETHER_MS))
        except Exception as error:
            if is_away(error):
                _fail(lot, error)
            else:
                for question in lot:
                    self._set_apart(question)

    def _set_apart(self, question: Question) -> None:
        if question.tenant_id not in self._apart:
            self._apart[question.tenant_id] = deque()
            self._start(self._answer_one_by_one(question.tenant_id))
        self._apart[question.tenant_id].append(question)

    async def _answer_one_by_one(self, tenant_id: str) -> None:
        own = self._apart[tenant_id]
        try:
            while own:
                await self._answer_alone(own.popleft())
        finally:
            del self._apart[tenant_id]

    async def _answer_alone(self, question: Question) -> None:
        try:
            _tell([question], await _asked(self._pool, [question], PATIENCE_ALONE_MS))
        except Exception as error:
            _fail([question], error)


async def _asked(pool: Pool, lot: Sequence[Question], patience_ms: int) -> list[Rows]:
    """All answers, in the order of the questions. The platform's are asked first, before anybody's role is taken."""
    cursors: dict[int, psycopg.AsyncCursor[tuple[Any, ...]]] = {}
    async with pool.connection() as connection, _within(MOST_SECONDS, connection), connection.pipeline():
        await connection.execute("BEGIN")
        await connection.execute(f"SET LOCAL lock_timeout = {patience_ms}")
        whose = ""
        for number, question in sorted(enumerate(lot), key=lambda one: one[1].tenant_id):
            if question.tenant_id != whose:
                whose = question.tenant_id
                await become(connection, whose)
            cursors[number] = await connection.execute(question.query, question.values)
        await connection.execute("COMMIT")
    return [await cursors[number].fetchall() if cursors[number].description else [] for number in range(len(lot))]


@asynccontextmanager
async def _within(seconds: float, connection: Connection) -> AsyncIterator[None]:
    """Raises `TimeoutError`; the connection is cut first, or psycopg would wait for what is still to come over it."""
    cut = asyncio.get_running_loop().call_later(seconds, connection.pgconn.finish)
    try:
        async with asyncio.timeout(seconds + A_MOMENT):
            yield
    finally:
        cut.cancel()


def _tell(lot: Sequence[Question], answers: Sequence[Rows]) -> None:
    for question, rows in zip(lot, answers, strict=True):
        if not question.answer.done():  # whoever asked may have gone
            question.answer.set_result(rows)


def _fail(lot: Sequence[Question], error: Exception) -> None:
    for question in lot:
        if not question.answer.done():
            question.answer.set_exception(error)
