"""Making, cleaning and dropping a worker's database, always as its owner."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from tenants import deploying, isolation, roles, snapshot
from tenants.ownership import owner_connection
from tests import cast
from tests.surroundings import server_url

Owner = psycopg.Connection[tuple[object, ...]]

KEPT = ("django_migrations", "django_content_type")
TABLES = """
    SELECT nspname, relname, size FROM (
        SELECT n.nspname, c.relname,
               coalesce((SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(c.oid)), pg_relation_size(c.oid)) AS size
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND (n.nspname = 'public' OR starts_with(n.nspname, %s))
          AND c.relname <> ALL (%s)
    ) AS of_ours WHERE size > 0
"""
ANY_ROW = sql.SQL("SELECT 1 FROM {} LIMIT 1")
MUCH = 1_000_000  # bytes: a new file for a table and each of its indexes costs less than to go through its rows


def create() -> None:
    """The worker's database as a deploy leaves it, with the two customers provisioned."""
    drop()
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(_name()))
    deploying.deploy(lambda _: None)
    with owner_connection() as owner:
        for customer in cast.CUSTOMERS:
            isolation.make_tenant_role(owner, customer.id)
            snapshot.create_schema(owner, customer.id)
        owner.execute("SELECT setval('tenants_crm_number', %s)", [len(cast.CUSTOMERS)])
        seat_the_cast(owner)


def drop() -> None:
    """The database and every role whose name bears its mark; nothing of a run is left on the server."""
    connection.close()
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name()))
        for (role,) in server.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [settings.DATABASE_ROLE_PREFIX + "_"]
        ).fetchall():
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def clean() -> None:
    """Take away whatever a test has committed: rows everywhere, tenants that aren't of the cast. Then the cast again."""
    with owner_connection() as owner:
        for schema in _strange_schemas(owner):
            owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        with owner.transaction():
            _empty(owner)
        seat_the_cast(owner)


def seat_the_cast(owner: Owner) -> None:
    """Rows of customers, vendors and products, outside of any test's transaction."""
    for customer in cast.CUSTOMERS:
        _insert(
            owner, "tenants_tenant",
            id=customer.id, schema_name=roles.schema_of(customer.id), company_name=customer.company_name,
            domain=customer.domain, country="DE", tax_id="", region="eu-central", plan=customer.plan,
            crm_id=customer.crm_id, status="active", admin_email=f"admin@{customer.domain}", admin_name="",
            created_at="2025-01-01Z", verified_at="2025-01-01Z", is_provisioned=True,
        )  # fmt: skip
    for vendor in cast.VENDORS:
        _insert(
            owner, "vendors_vendor",
            id=vendor.id, name=vendor.name, email=vendor.email, status="active", auto_provisioning=True, created_at="2025-01-01Z",
        )  # fmt: skip
    for ware in cast.PRODUCTS:
        _insert(
            owner, "vendors_product",
            id=ware.id, vendor_id=ware.vendor_id, name=ware.name, version_constraint="", features=[], created_at="2025-01-01Z",
        )  # fmt: skip


def _insert(owner: Owner, table: str, **values: Any) -> None:
    """Columns that are not named here and have no default take what their model says is empty."""
    owner.execute(
        sql.SQL("INSERT INTO public.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        ),
        list(values.values()),
    )


def _empty(owner: Owner) -> None:
    """Every table that has rows, once nobody is writing to it."""
    found = owner.execute(TABLES, [roles.SCHEMA_PREFIX, list(KEPT)]).fetchall()
    tables = [(sql.Identifier(str(schema), str(table)), int(str(size))) for schema, table, size in found]
    filled = [(name, size) for name, size in tables if owner.execute(ANY_ROW.format(name)).fetchone()]
    if not filled:
        return
    owner.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.SQL(", ").join(name for name, _ in filled)))
    owner.execute("SET CONSTRAINTS ALL DEFERRED")
    for name in (name for name, size in filled if size < MUCH):
        owner.execute(sql.SQL("DELETE FROM {}").format(name))
    if large := [name for name, size in filled if size >= MUCH]:
        owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(large)))


def _strange_schemas(owner: Owner) -> list[str]:
    own = [roles.schema_of(customer.id) for customer in cast.CUSTOMERS]
    found = owner.execute(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) AND nspname <> ALL (%s)",
        [roles.SCHEMA_PREFIX, own],
    )
    return [str(row[0]) for row in found]


def _name() -> sql.Identifier:
    return sql.Identifier(str(settings.DATABASES["default"]["NAME"]))
