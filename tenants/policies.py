"""Row-level security of the tables that several share: each policy made once, and again only when it isn't as it was made.

Making a policy takes its table's exclusive lock, and checkouts use these tables: a deploy that changes no rule must not touch
them. So every policy carries, as its comment, a digest of the rule that it was made from and of what PostgreSQL made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tenants import grants, locking, roles

Owner = psycopg.Connection[tuple[object, ...]]

INTACT = """
    SELECT wanted.table_name, wanted.role FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted (table_name, role, rows)
    JOIN pg_class c ON c.relname = wanted.table_name AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
    JOIN pg_roles r ON r.rolname = wanted.role
    JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'rows_of_' || wanted.role
     AND p.polcmd = '*' AND p.polpermissive AND p.polroles = ARRAY[r.oid]
    WHERE obj_description(p.oid, 'pg_policy') =
          md5(concat_ws('|', wanted.rows, pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)))
"""
DIGEST = """
    SELECT md5(concat_ws('|', %s::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)))
    FROM pg_policy WHERE polrelid = ('public.' || quote_ident(%s))::regclass AND polname = %s
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows of a table a role sees and writes."""

    table: str
    role: str
    rows: str

    @property
    def name(self) -> str:
        return f"rows_of_{self.role}"


def keep(owner: Owner, say: Callable[[str], None]) -> None:
    """Every policy of grants.py is there and as it should be. Raises `locking.StillInUse`."""
    wanted = list(_wanted())
    columns = [[getattr(policy, name) for policy in wanted] for name in ("table", "role", "rows")]
    intact = set(owner.execute(INTACT, columns).fetchall())
    lacking = [policy for policy in wanted if (policy.table, policy.role) not in intact]
    locking.one_by_one(
        sorted({policy.table for policy in lacking}),
        lambda table: _make(owner, table, [policy for policy in lacking if policy.table == table]),
        say,
    )


def _wanted() -> Iterator[Policy]:
    """Our own login role sees all rows of these tables."""
    for role, listed in ((roles.tenants_group(), grants.TENANTS), (roles.vendor_role(), grants.VENDORS)):
        yield from (Policy(grant.table, role, grant.rows) for grant in listed)
    for table in sorted({grant.table for grant in (*grants.TENANTS, *grants.VENDORS)}):
        yield Policy(table, roles.login_role(), "true")


def _make(owner: Owner, table: str, policies: list[Policy]) -> None:
    """In one transaction: nobody ever sees the table without its policies."""
    with owner.transaction():
        owner.execute(locking.LIMIT_WAITING)
        on = sql.Identifier("public", table)
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(on))
        for policy in policies:
            name, role, rows = sql.Identifier(policy.name), sql.Identifier(policy.role), sql.SQL(policy.rows)
            owner.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(name, on))
            make = sql.SQL("CREATE POLICY {} ON {} TO {} USING ({}) WITH CHECK ({})")
            owner.execute(make.format(name, on, role, rows, rows))
            digest = owner.execute(DIGEST, [policy.rows, table, policy.name]).fetchone()
            owner.execute(
                sql.SQL("COMMENT ON POLICY {} ON {} IS {}").format(name, on, sql.Literal(digest and digest[0]))
            )
