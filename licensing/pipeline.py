"""One transaction for calls of several tenants, sent to PostgreSQL in one go.

For each tenant: its role and path, for this transaction only (`SET LOCAL`), then one prepared call of `seat_serve` in its
schema. All is sent before the first answer is read. psycopg's own pipeline costs 25–40 µs of Python a statement, libpq's 2 µs; so
this speaks to libpq itself, by `psycopg.pq`. docs/decisions has what was tried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from psycopg import pq, sql
from psycopg.errors import error_from_result

from tenants import roles

MOST_SECONDS = 8.0  # a database that doesn't answer for so long is away, whatever its socket says
MOST_PREPARED = 10_000
# How a connection for this plans the seat rule: once, for arrays of any length. A new tenant's tables are empty at that
# time, and a plan that reads them from end to end, if only to hash them, would be kept while they fill; every statement of the
# rule has an index.
PLANS = " ".join(
    f"-c {setting}"
    for setting in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
    )
)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Result = pq.abc.PGresult
Answers = list[dict[str, Any]]

_prepared: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()


@dataclass(slots=True)
class Part:
    """One tenant's calls, each as JSON; answered in this order: ends, heartbeats, checkouts."""

    tenant_id: str
    ends: list[bytes] = field(default_factory=list)
    heartbeats: list[bytes] = field(default_factory=list)
    checkouts: list[bytes] = field(default_factory=list)


class PartFailed(Exception):
    """This tenant's part failed, not by a refusal; the whole transaction was undone. `__cause__` is the database's error."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(tenant_id)
        self.tenant_id = tenant_id


async def commit_together(connection: Connection, parts: Sequence[Part], patience_ms: int) -> list[Answers]:
    """For each part the answers to its calls, once all are durably committed. Parts in the order of their tenants' ids: so that
    two transactions lock in one order. Waits for a lock at most `patience_ms`. Raises `PartFailed`, or a `psycopg.Error`
    when the database is away; then nothing was committed, as far as can be known."""
    known = _prepared.setdefault(connection, set())
    statements = list(_statements(parts, known, patience_ms))
    try:
        async with asyncio.timeout(MOST_SECONDS):
            results = await _exchange(connection, statements)
            if connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
                await _exchange(connection, [Statement(b"ROLLBACK")])
    except BaseException:
        connection.pgconn.finish()  # answers may still be on their way: nobody may use it again
        raise
    for statement, result in zip(statements, results, strict=True):
        if statement.name and result.status == pq.ExecStatus.COMMAND_OK:
            known.add(parts[statement.part].tenant_id)
    return _answers(results, statements, parts)


def has_met(connection: Connection, tenants: int) -> bool:
    """Whether it has served so many tenants, and keeps their plans; a new one has nothing to remember yet."""
    return len(_prepared.get(connection, ())) >= tenants


@dataclass(slots=True)
class Statement:
    """One step of the exchange with libpq, of the part with that number."""

    text: bytes
    part: int = -1
    name: bytes = b""
    arguments: Sequence[bytes] | None = None

    def send(self, to: pq.abc.PGconn) -> None:
        if self.arguments is not None:
            to.send_query_prepared(self.name, self.arguments)
        elif self.name:
            to.send_prepare(self.name, self.text)
        else:
            to.send_query_params(self.text, None)


def _statements(parts: Sequence[Part], known: set[str], patience_ms: int) -> Iterator[Statement]:
    yield Statement(b"BEGIN")
    yield Statement(b"SET LOCAL lock_timeout = %d" % patience_ms)
    for number, part in enumerate(parts):
        become, take_path, question, name = _spelled_out(part.tenant_id)
        yield Statement(become, number)
        yield Statement(take_path, number)
        if part.tenant_id not in known:
            yield Statement(question, number, name)
        arguments = [b"[%s]" % b",".join(calls) for calls in (part.ends, part.heartbeats, part.checkouts)]
        yield Statement(b"", number, name, arguments)
    yield Statement(b"COMMIT")


@lru_cache(maxsize=MOST_PREPARED)
def _spelled_out(tenant_id: str) -> tuple[bytes, bytes, bytes, bytes]:
    """A tenant's statements: take its role, take its path, the question to be prepared, and the name it goes by."""
    schema = sql.Identifier(roles.schema_of(tenant_id))
    texts = (
        sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles.tenant_role(tenant_id))),
        sql.SQL("SET LOCAL search_path = {}, public").format(schema),
        sql.SQL("SELECT {}.seat_serve($1::jsonb, $2::jsonb, $3::jsonb)::text").format(schema),
    )
    become, take_path, question = (text.as_string().encode() for text in texts)
    return become, take_path, question, b"seats " + tenant_id.encode()


async def _exchange(connection: Connection, statements: Sequence[Statement]) -> list[Result]:
    """Send all, then read what came of each; one network round trip for the lot."""
    libpq = connection.pgconn
    libpq.enter_pipeline_mode()
    for statement in statements:
        statement.send(libpq)
    libpq.pipeline_sync()
    results = await _Conversation(libpq).finished
    libpq.exit_pipeline_mode()
    return results


class _Conversation:
    """Writes what libpq still holds and reads until the sync point, as the socket allows. `finished` gives the results."""

    def __init__(self, libpq: pq.abc.PGconn) -> None:
        self._libpq, self._socket, self._results = libpq, libpq.socket, list[Result]()
        self._loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[list[Result]] = self._loop.create_future()
        self.finished.add_done_callback(self._leave)
        self._loop.add_reader(self._socket, self._guarded, self._read)
        self._guarded(self._write)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            if not self.finished.done():
                self.finished.set_exception(error)

    def _write(self) -> None:
        if self._libpq.flush():
            self._loop.add_writer(self._socket, self._guarded, self._write)
        else:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        self._libpq.consume_input()
        while not self.finished.done() and not self._libpq.is_busy():
            result = self._libpq.get_result()
            if result is None:  # between two statements
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                self.finished.set_result(self._results)
            else:
                self._results.append(result)

    def _leave(self, _: object) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)


def _answers(results: Sequence[Result], statements: Sequence[Statement], parts: Sequence[Part]) -> list[Answers]:
    answers: list[Answers] = []
    for statement, result in zip(statements, results, strict=True):
        if result.status == pq.ExecStatus.TUPLES_OK:
            answers.append(msgspec.json.decode(result.get_value(0, 0) or b""))
        elif result.status != pq.ExecStatus.COMMAND_OK:
            error = error_from_result(result)
            if statement.part < 0:
                raise error
            raise PartFailed(parts[statement.part].tenant_id) from error
    return answers
