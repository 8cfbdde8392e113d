"""Migrating tenants' schemas while others work in them: killed and resumed, and never with a queue behind it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.isolation.deployments import Deployment, deployment

LATER = "benchmarks.later.settings"  # one migration more: a column of licensing_license
PREPARE = [sys.executable, "manage.py", "prepare_database"]
TENANTS = [f"tenant_tenant-{number:02}" for number in range(12)]
WITH_COLUMN = """
    SELECT relnamespace::regnamespace::text FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE attname = 'later' AND relkind = 'r'
"""
LONGEST_QUEUE_SECONDS = (
    60.0  # a lock is waited for 0.1 s, the rest is a busy machine; a queue lasts as long as the report
)


@pytest.fixture
def deployed() -> Iterator[Deployment]:
    """With a dozen tenants."""
    with deployment("migrating") as made:
        assert made.run("prepare", "provision more").returncode == 0
        yield made


@pytest.fixture
def owner(deployed: Deployment) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(deployed.url, autocommit=True) as connection:
        yield connection


def deploying(deployed: Deployment, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(PREPARE, env=deployed.environment(LATER), stdout=output, stderr=subprocess.STDOUT)


def migrated(owner: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    return {str(row[0]).strip('"') for row in owner.execute(WITH_COLUMN).fetchall()}


def recorded(owner: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    found = []
    for schema in TENANTS:
        rows = owner.execute(f"SELECT 1 FROM \"{schema}\".django_migrations WHERE name = '9000_later'").fetchall()
        found += [schema] * len(rows)
    return found


def test_what_a_killed_migration_did_is_kept_whole_and_the_rest_is_done_by_the_next(
    deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    with psycopg.connect(deployed.url) as reader:
        reader.execute(
            f'SELECT count(*) FROM "{TENANTS[-1]}".licensing_license'
        )  # so it is not through before the kill
        process = deploying(deployed, tmp_path / "first.log")
        while len(migrated(owner)) < len(TENANTS) / 3 and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        process.wait()
    _wait_until_alone(owner)
    before = migrated(owner)
    assert len(TENANTS) / 3 <= len(before) < len(TENANTS), (tmp_path / "first.log").read_text()
    assert set(recorded(owner)) == before  # a column and its record come together

    assert deploying(deployed, tmp_path / "second.log").wait(300) == 0
    said = (tmp_path / "second.log").read_text().splitlines()
    assert said == [f"migrating {schema}" for schema in TENANTS if schema not in before]
    assert migrated(owner) == set(TENANTS)
    assert recorded(owner) == TENANTS  # each once


def test_nobody_queues_behind_a_migration_that_waits(
    deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    busy, log = TENANTS[0], tmp_path / "deploy.log"
    waits = []
    with psycopg.connect(deployed.url) as reader:
        reader.execute(
            f'SELECT count(*) FROM "{busy}".licensing_license'
        )  # a long report: the table is held until commit
        process = deploying(deployed, log)
        while log.read_text().count(f"in use, to be tried again: {busy}") < 3:
            assert process.poll() is None, log.read_text()
            waits.append(_seconds_of(owner, f'UPDATE "{busy}".licensing_license SET spent = spent'))
        assert migrated(owner) == set(TENANTS) - {busy}  # the others did not wait for it
    assert process.wait(300) == 0
    assert migrated(owner) == set(TENANTS)
    assert max(waits) < LONGEST_QUEUE_SECONDS


def test_a_deploy_that_changes_nothing_waits_for_nobody(
    deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Not for a report over the ledger, which every checkout writes to, nor for a backup, which holds every table."""
    with psycopg.connect(deployed.url) as backup:
        for schema, table in owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE tableowner = current_user"
        ):
            backup.execute(f'LOCK TABLE "{schema}"."{table}" IN ACCESS SHARE MODE')
        result = deployed.run("prepare")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_migration_that_does_nothing_in_tenants_schemas_touches_none_of_them(
    deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    for schema in TENANTS:
        gone = owner.execute(f"DELETE FROM \"{schema}\".django_migrations WHERE app IN ('billing', 'vendors')")
        assert gone.rowcount
    assert deployed.run("prepare").stdout == ""
    owner.execute(
        f"DELETE FROM \"{TENANTS[0]}\".django_migrations WHERE app = 'licensing' AND name = '0003_wider_spent'"
    )
    assert deployed.run("prepare").stdout == f"migrating {TENANTS[0]}\n"
    recorded_now = [owner.execute(f'SELECT app FROM "{schema}".django_migrations').fetchall() for schema in TENANTS]
    assert [("billing",) in rows for rows in recorded_now] == [True] + [False] * 11


def test_policies_that_were_tampered_with_are_made_again(
    deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    complete = deployed.description()
    names = owner.execute("SELECT policyname FROM pg_policies WHERE tablename = 'audit_outbox'").fetchall()
    policy = next(str(name) for (name,) in names if str(name).endswith("_tenants"))
    for damage in (
        f"ALTER POLICY {policy} ON audit_outbox USING (true)",
        f"ALTER POLICY {policy} ON billing_usagerecord TO PUBLIC",
        f"DROP POLICY {policy} ON tenants_sweepdue",
        "ALTER TABLE tenants_tenant DISABLE ROW LEVEL SECURITY",
    ):
        before = deployed.description()
        owner.execute(damage)
        assert deployed.description() != before
    assert deployed.run("prepare").returncode == 0
    assert deployed.description() == complete


def _seconds_of(owner: psycopg.Connection[tuple[object, ...]], statement: str) -> float:
    started = time.perf_counter()
    owner.execute(statement)
    return time.perf_counter() - started


def _wait_until_alone(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """Until the killed process' connections are gone, and with them what they had begun."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while owner.execute(others + " AND backend_type = 'client backend'").fetchone():
        time.sleep(0.01)
