"""Bringing a database to what the code expects: migrations of `public`, of every lagging schema, then rights.

Which schemas lag is one query over all of them, so a deploy that changes nothing costs next to nothing however many tenants
there are. Each schema is its own transaction: a run that is killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from tenants import isolation, roles, snapshot
from tenants.ownership import django_as_owner, owner_connection

CHUNK = 200


def deploy(say: Callable[[str], None]) -> list[str]:
    """Migrate and secure everything; returns warnings about what could not be secured."""
    with owner_connection() as owner:
        owner.execute("SELECT pg_advisory_lock(hashtext('cloudlicenses deploy'))")
        _migrate(shared=True)
        warnings = isolation.prepare(owner)
        for schema in lagging_schemas(owner):
            say(f"migrating {schema}")
            migrate_schema(schema)
            _secure(owner, schema.removeprefix(roles.SCHEMA_PREFIX))
        for tenant_id in isolation.unsecured_tenants(owner):
            say(f"securing {roles.schema_of(tenant_id)}")
            _secure(owner, tenant_id)
        return warnings


def _secure(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    with owner.transaction():
        isolation.make_tenant_role(owner, tenant_id)
        isolation.grant_tenant_schema(owner, tenant_id)


def lagging_schemas(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Schemas of tenants that have not had every migration of this code."""
    schemas = [str(row[0]) for row in owner.execute(
        "SELECT schema_name FROM tenants_tenant JOIN pg_namespace ON nspname = schema_name ORDER BY schema_name"
    ).fetchall()]  # fmt: skip
    return [
        schema
        for start in range(0, len(schemas), CHUNK)
        for schema in _lagging_of(owner, schemas[start : start + CHUNK])
    ]


def _lagging_of(owner: psycopg.Connection[tuple[object, ...]], schemas: list[str]) -> list[str]:
    known = snapshot.tenant_migrations()
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


def migrate_schema(schema: str) -> None:
    """Run what one schema lacks."""
    _migrate(tenant=True, schema_name=schema)


def _migrate(**which: object) -> None:
    """One transaction for all of it: Django itself writes down a migration only after it has committed what the migration did,
    so a process killed between the two would find its tables there already, for ever.
    """
    with django_as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # or a migration of rows would hinder the next one of tables
        call_command("migrate_schemas", interactive=False, verbosity=0, **which)
