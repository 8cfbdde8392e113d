"""What is new in a tenant's audit log: one query, under the tenant's role, whatever the number of its streams.

It comes with the snapshot it was read in: `oldest` is the first transaction that was still under way, `next` the first that had not
begun. An id that was missing then, and is missing once `oldest` has passed that `next`, will not come any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql

from licensing.pipeline import Connection
from licensing.seats import Pool
from licensing.streams.position import Position
from tenants import roles

MOST_AT_ONCE = 1_000
SLACK = 64  # ids below the newest whose transactions may still be under way
BEFORE_A_PAGE = timedelta(seconds=5)  # what a page may not have seen when it was rendered: transactions under way
PATIENCE_MS = 2_000

AFTER = sql.SQL("""
    SELECT shot.oldest, shot.next, new.id, new.event, new.at, new.code, new.subject_id, new.key_id, new.hostname, new.facts
    FROM (SELECT pg_snapshot_xmin(now.shot)::text::bigint AS oldest, pg_snapshot_xmax(now.shot)::text::bigint AS next
          FROM (SELECT pg_current_snapshot() AS shot) now) shot
    LEFT JOIN LATERAL (
        SELECT id, event, at, code, subject_id, key_id, hostname, facts FROM {log}
        WHERE id > %s OR id = ANY(%s) ORDER BY id LIMIT %s
    ) new ON true
    ORDER BY new.id
""")
NEWEST = sql.SQL("SELECT coalesce(max(id), 0) FROM {log}")
FIRST_SINCE = sql.SQL("SELECT id FROM {log} WHERE at >= %s ORDER BY at LIMIT 1")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log."""

    id: int
    event: str
    at: datetime
    code: str
    subject_id: str
    key_id: str
    hostname: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    oldest: int
    next: int
    entries: Sequence[Entry]

    @property
    def is_full(self) -> bool:
        """There may be more."""
        return len(self.entries) == MOST_AT_ONCE


class Reader:
    """Reads tenants' audit logs, over connections of its own: a crowd of checkouts does not make it wait."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def after(self, tenant_id: str, position: Position) -> Look:
        arguments = [position.upto, sorted(position.missing), MOST_AT_ONCE]
        rows = await self._ask(tenant_id, AFTER, arguments)
        return Look(rows[0][0], rows[0][1], [Entry(*row[2:]) for row in rows if row[2] is not None])

    async def newest(self, tenant_id: str) -> int:
        return int((await self._ask(tenant_id, NEWEST, []))[0][0])

    async def since(self, tenant_id: str, moment: datetime) -> Position:
        """Before anything that a page rendered at this moment may not show."""
        found = await self._ask(tenant_id, FIRST_SINCE, [moment - BEFORE_A_PAGE])
        upto = int(found[0][0]) - SLACK if found else await self.newest(tenant_id)
        return Position(max(0, upto))

    async def _ask(self, tenant_id: str, question: sql.SQL, arguments: list[Any]) -> list[tuple[Any, ...]]:
        log = sql.Identifier(roles.schema_of(tenant_id), "audit_auditentry")
        async with self._pool.connection() as connection, connection.transaction():
            await _become(connection, tenant_id)
            return await (await connection.execute(question.format(log=log), arguments)).fetchall()


async def _become(connection: Connection, tenant_id: str) -> None:
    role = sql.Identifier(roles.tenant_role(tenant_id))
    await connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
    await connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(PATIENCE_MS)))
