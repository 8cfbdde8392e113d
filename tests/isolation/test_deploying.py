"""`manage.py prepare_database` from any state, any number of times, interrupted anywhere, by an owner of any power."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.isolation.deployments import Deployment, deployment, drop_roles, role_prefix
from tests.surroundings import WORKER, server_url

OWNER = f"some_owner_{WORKER}"
PASSWORD = "some-owners-password"
PREPARE = [sys.executable, "manage.py", "prepare_database"]


# What a tenant sees when all is well: no licenses yet, its own row; of another's schema, a refusal.
ISOLATED = "0 [('mercedes',)]\n42501\n"


def fine(result: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert result.returncode == 0, result.stderr
    return result


@pytest.fixture
def deployed() -> Iterator[Deployment]:
    with deployment("state") as made:
        yield made


@pytest.fixture
def owned() -> Iterator[Deployment]:
    """A database whose owner may create roles and nothing more: what a hosted PostgreSQL gives."""
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(f"deploy_owned_{WORKER}"))
        )
        drop_roles(server, role_prefix(f"deploy_owned_{WORKER}"))
        drop_roles(server, OWNER)
        make = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE NOSUPERUSER PASSWORD {}")
        server.execute(make.format(sql.Identifier(OWNER), sql.Literal(PASSWORD)))
    with deployment("owned", OWNER) as made:
        yield made
    with psycopg.connect(server_url(), autocommit=True) as server:
        drop_roles(server, OWNER)


def test_a_second_run_changes_nothing(deployed: Deployment) -> None:
    fine(deployed.run("prepare", "provision", "prepare"))
    before, written = deployed.description(), deployed.rewritten()
    again = fine(deployed.run("prepare", "look"))
    assert (again.stdout, again.stderr) == (ISOLATED, "")
    assert deployed.description() == before
    assert deployed.rewritten() == written


def test_a_run_that_is_killed_is_finished_by_the_next(deployed: Deployment) -> None:
    with deployment("whole") as whole:
        fine(whole.run("prepare"))
        complete = whole.description().replace(role_prefix(whole.name), role_prefix(deployed.name))
    for seconds in (0.9, 1.3, 1.7):
        process = subprocess.Popen(PREPARE, env=deployed.environment(), stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    fine(deployed.run("prepare"))
    assert deployed.description() == complete


def test_two_runs_at_once_both_succeed(deployed: Deployment) -> None:
    both = [
        subprocess.Popen(PREPARE, env=deployed.environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()


def test_rights_and_roles_that_are_missing_are_made_again(deployed: Deployment) -> None:
    """After a kill between migrating and granting; after a backup restored on a server that has none of our roles."""
    fine(deployed.run("prepare", "provision"))
    complete = sorted(deployed.description().splitlines())
    role = sql.Identifier(role_prefix(deployed.name) + "t_mercedes")
    damages = (
        sql.SQL(
            "REVOKE ALL ON tenant_mercedes.licensing_lease FROM {0}; GRANT DELETE ON tenant_mercedes.audit_auditentry TO {0}"
        ),
        sql.SQL("GRANT TRUNCATE ON tenant_mercedes.audit_treehead TO {0}"),
        sql.SQL("GRANT UPDATE (event) ON tenant_mercedes.audit_auditentry TO {0}"),
        sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}"),
    )
    for damage in damages:
        with psycopg.connect(deployed.url, autocommit=True) as owner:
            owner.execute(damage.format(role))
        assert sorted(deployed.description().splitlines()) != complete
        assert fine(deployed.run("prepare", "look")).stdout == "securing tenant_mercedes\n" + ISOLATED
        assert sorted(deployed.description().splitlines()) == complete


DAMAGES = {
    "a right too many on a table": "GRANT DELETE ON public.billing_usagerecord TO {login}",
    "a right too many on a column": "GRANT UPDATE (amount) ON public.billing_usagerecord TO {tenants}",
    "a right too many on a partition": "GRANT SELECT ON public.{partition} TO {login}",
    "a right too few": "REVOKE SELECT (id) ON public.tenants_tenant FROM {tenants}",
    "the schema is open": "GRANT CREATE ON SCHEMA public TO PUBLIC",
    "a function is open": "GRANT EXECUTE ON FUNCTION public.cloudlicenses_tenant() TO PUBLIC",
    "everybody is somebody else": (
        "CREATE OR REPLACE FUNCTION public.cloudlicenses_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN 'bmw'"
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_rights_in_public_that_are_not_as_they_were_left_are_made_again(deployed: Deployment, damage: str) -> None:
    fine(deployed.run("prepare", "provision"))
    complete = sorted(deployed.description().splitlines())
    prefix = role_prefix(deployed.name)
    with psycopg.connect(deployed.url, autocommit=True) as owner:
        row = owner.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'billing_usagerecord'::regclass"
        ).fetchone()
        assert row is not None
        names = {"login": prefix + "app", "tenants": prefix + "tenants", "partition": str(row[0])}
        owner.execute(sql.SQL(damage).format(**{name: sql.Identifier(value) for name, value in names.items()}))
    assert sorted(deployed.description().splitlines()) != complete
    assert fine(deployed.run("prepare", "look")).stdout == ISOLATED
    assert sorted(deployed.description().splitlines()) == complete


def test_a_schema_that_lags_is_migrated_and_no_other(deployed: Deployment) -> None:
    fine(deployed.run("prepare", "provision"))
    complete = deployed.description()
    fine(deployed.run("go back"))
    assert deployed.description() != complete
    assert fine(deployed.run("prepare", "look")).stdout == "migrating tenant_bmw\n" + ISOLATED
    assert sorted(deployed.description().splitlines()) == sorted(complete.splitlines())


def test_an_owner_without_power_is_enough_and_is_told_what_is_missing(owned: Deployment) -> None:
    own = owned.as_user(OWNER, PASSWORD)
    first = fine(own.run("prepare", "provision", "prepare", "look"))
    assert first.stderr.count("close_catalogue") == 2
    assert first.stdout == ISOLATED
    closing = fine(owned.run("close"))
    assert (closing.stdout, closing.stderr) == ("", "")
    after = fine(own.run("prepare", "look"))
    assert (after.stdout, after.stderr) == (ISOLATED, "")
