"""A tenant whose schema is not as it should be: what its vendors' jobs do then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from tenants import roles
from tenants.ownership import owner_connection


@contextmanager
def without_table(tenant_id: str, table: str) -> Iterator[None]:
    """With real commits: whoever reads or writes it there fails meanwhile."""
    here, aside = sql.Identifier(roles.schema_of(tenant_id), table), sql.Identifier(f"{table}_aside")
    with owner_connection() as owner:
        owner.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(here, aside))
        try:
            yield
        finally:
            there = sql.Identifier(roles.schema_of(tenant_id), f"{table}_aside")
            owner.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(there, sql.Identifier(table)))
