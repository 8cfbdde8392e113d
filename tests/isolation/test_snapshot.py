"""A schema from the snapshot is the schema that migrations make: name for name, right for right."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from psycopg import sql

from audit import events
from cloudlicenses.kit.actor import SYSTEM
from tenants import deploying, isolation, rights, roles, snapshot
from tenants.context import inside
from tenants.ownership import owner_connection
from tests.isolation import crowds

MIGRATED = "migrated"


@pytest.fixture
def migrated(committed: None) -> Iterator[str]:
    """A tenant whose schema was made by running every migration."""
    schema = roles.schema_of(MIGRATED)
    with owner_connection() as owner:
        owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        isolation.make_tenant_role(owner, MIGRATED)
        deploying.migrate_schema(schema)
        rights.give(owner, MIGRATED)
        yield MIGRATED
        owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(roles.tenant_role(MIGRATED))))


def described(tenant_id: str) -> list[str]:
    """What pg_dump says, rights and owners included, with the tenant's name taken out."""
    result = subprocess.run(
        [snapshot.pg_dump_binary(), "--schema-only", f"--schema={roles.schema_of(tenant_id)}", snapshot.owner_url()],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    text = snapshot.cleaned(result.stdout).replace(roles.schema_of(tenant_id), "SCHEMA")
    return text.replace(roles.tenant_role(tenant_id), "ROLE").splitlines()


def test_the_snapshot_gives_what_migrations_give(migrated: str, mercedes: str) -> None:
    assert described(mercedes) == described(migrated)


def test_the_snapshot_records_the_migrations_it_stands_for(migrated: str, mercedes: str) -> None:
    applied = "SELECT app, name FROM {}.django_migrations ORDER BY app, name"
    with owner_connection() as owner:
        from_snapshot, from_migrations = (
            owner.execute(sql.SQL(applied).format(sql.Identifier(roles.schema_of(tenant_id)))).fetchall()
            for tenant_id in (mercedes, migrated)
        )
    assert from_snapshot == from_migrations
    assert from_snapshot


def test_the_file_is_what_the_command_would_write(migrated: str) -> None:
    fresh = snapshot.dump(snapshot.owner_url(), roles.schema_of(migrated))
    assert fresh.replace(roles.schema_of(migrated), snapshot.TEMPLATE) == snapshot.SNAPSHOT.read_text(encoding="utf-8")


def test_a_schema_that_is_there_is_left_alone(committed: None, mercedes: str) -> None:
    with owner_connection() as owner:
        assert snapshot.create_schema(owner, mercedes) is False


def test_nothing_but_the_name_is_put_into_the_snapshot() -> None:
    """A tenant id can hold nothing that SQL would take for more than a name."""
    for evil in ('a"; DROP SCHEMA public; --', "a.b", "a b", "É", "tenant_"):
        with pytest.raises(ValueError, match="not a tenant id"):
            roles.schema_of(evil)


def test_no_row_writes_the_summary_of_the_first_pages_anew(migrated: str) -> None:
    """PostgreSQL would have made one of the empty table. `brin_summarize_range` tells how many ranges lacked theirs."""
    for tenant_id in (migrated, *crowds.gathered(1)):
        with inside(tenant_id):
            events.record("platform.started", actor=SYSTEM, announce=False)
        with owner_connection() as owner:
            index = sql.Identifier(roles.schema_of(tenant_id), "audit_by_value").as_string()
            assert owner.execute("SELECT brin_summarize_range(%s, 0)", [index]).fetchone() == (1,)
