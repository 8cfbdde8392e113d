"""Bringing a database to what the code expects: migrations of `public`, of every lagging schema, then rights.

Which schemas lag is one query over all of them, so a deploy that changes nothing costs next to nothing however many tenants
there are. Each schema is its own transaction, rights included: a run that is killed goes on where it stopped. Nobody queues behind
a lock that a deploy waits for (locking.py), so requests are served meanwhile, by code of before and after (docs/operations.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from cloudlicenses.web import wakeups
from tenants import isolation, locking, rights, roles, snapshot, untouched
from tenants.migrating import Migrator
from tenants.ownership import django_as_owner, owner_connection

CHUNK = 200
TOLD_EVERY_SECONDS = 2.0


def deploy(say: Callable[[str], None]) -> list[str]:
    """Migrate and secure everything; returns warnings about what could not be secured. Raises `locking.StillInUse`."""
    with owner_connection() as owner:
        owner.execute("SELECT pg_advisory_lock(hashtext('cloudlicenses deploy'))")
        locking.one_by_one(["public"], lambda _: _migrate_public(), say)
        if not untouched.is_so(owner):
            _tell_servers()
        warnings = isolation.prepare(owner, say)
        _migrate_tenants(lagging_schemas(owner), say)
        for tenant_id in isolation.unsecured_tenants(owner):
            say(f"securing {roles.schema_of(tenant_id)}")
            with owner.transaction():
                _secure(owner, tenant_id)
        return warnings


def migrate_schema(schema: str) -> None:
    """Run what one schema lacks; rights on what is new are granted elsewhere."""
    with django_as_owner():
        Migrator().migrate(schema)


def _migrate_tenants(schemas: list[str], say: Callable[[str], None]) -> None:
    migrator, told = Migrator(), 0.0

    def migrate(schema: str) -> None:
        nonlocal told
        if time.monotonic() > told + TOLD_EVERY_SECONDS:
            _tell_servers()
            told = time.monotonic()
        say(f"migrating {schema}")
        with transaction.atomic():
            migrator.migrate(schema)
            _secure(connection.connection, schema.removeprefix(roles.SCHEMA_PREFIX))

    with django_as_owner():
        locking.one_by_one(schemas, migrate, say)


def _tell_servers() -> None:
    """PostgreSQL tells each change of a table to all connections, and each looks through all plans that it keeps, of all tenants:
    the one that grants seats would do nothing else. So web processes replace it by one that has met nobody (licensing/seats.py)."""
    with django_as_owner():
        wakeups.announce(wakeups.TABLES, "")


def _secure(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    isolation.make_tenant_role(owner, tenant_id)
    rights.give(owner, tenant_id)


def _migrate_public() -> None:
    """One transaction for all of it: Django itself writes down a migration only after it has committed what the migration did,
    so a process killed between the two would find its tables there already, for ever.
    """
    with django_as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(locking.LIMIT_WAITING)
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # or a migration of rows would hinder the next one of tables
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)


def lagging_schemas(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Schemas of tenants that have not had every migration of this code, in order."""
    schemas = [str(row[0]) for row in owner.execute(
        "SELECT schema_name FROM tenants_tenant JOIN pg_namespace ON nspname = schema_name"
    ).fetchall()]  # fmt: skip
    chunks = [schemas[start : start + CHUNK] for start in range(0, len(schemas), CHUNK)]
    return sorted(schema for chunk in chunks for schema in _lagging_of(owner, chunk))


def _lagging_of(owner: psycopg.Connection[tuple[object, ...]], schemas: list[str]) -> list[str]:
    known = [(app, name) for app, name in snapshot.tenant_migrations() if app in _apps_of_tenants()]
    parts = [
        sql.SQL(
            "SELECT {name} AS schema WHERE EXISTS ("
            "SELECT FROM unnest(%(apps)s::text[], %(names)s::text[]) AS known (app, name) WHERE NOT EXISTS ("
            "SELECT FROM {schema}.django_migrations AS done WHERE done.app = known.app AND done.name = known.name))"
        ).format(name=sql.Literal(schema), schema=sql.Identifier(schema))
        for schema in schemas
    ]
    values = {"apps": [app for app, _ in known], "names": [name for _, name in known]}
    return [str(row[0]) for row in owner.execute(sql.SQL(" UNION ALL ").join(parts), values).fetchall()]


@cache
def _apps_of_tenants() -> frozenset[str]:
    """A migration of any other app does nothing in a tenant's schema: it is recorded there when there is something to do."""
    return frozenset(app.label for app in apps.get_app_configs() if app.name in settings.TENANT_APPS)
