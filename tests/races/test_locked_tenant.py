"""Somebody holds a lock in one tenant: its own checkouts wait, nobody else's do, and none is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders, servers
from tests.licensing.workstations import Workstation
from tests.races.auditing import faults_of
from tests.servers import Server

HELD_SECONDS = 0.5


@pytest.fixture
def patient(committed: None) -> Iterator[Server]:
    """On a busy machine the other tenant's answers may take longer than anybody waits for a lock."""
    with servers.running(command=servers.command_with({"licensing.seats.PATIENCE_APART_MS": 120_000})) as server:
        yield server


@pytest.fixture
def workstations(patient: Server) -> list[Workstation]:
    found = []
    for tenant_id in ("mercedes", "bmw"):
        with inside(tenant_id):
            builders.granted(total_licenses=100, commit_qty=100, max_overage=0)
            found.append(Workstation(patient, builders.tenant_key(tenant_id, checkouts_per_minute=100_000), tenant_id))
    return found


def test_a_locked_license_delays_its_own_tenant_alone(workstations: list[Workstation]) -> None:
    mercedes, bmw = workstations
    assert [one.check_out().status_code for one in workstations] == [201, 201]  # keys are known, plans are made
    with ThreadPoolExecutor(8) as pool, owner_connection() as owner:
        with owner.transaction():
            license_table = sql.Identifier(roles.schema_of("bmw"), "licensing_license")
            owner.execute(sql.SQL("SELECT FROM {} FOR UPDATE").format(license_table))
            waiting = [pool.submit(bmw.check_out) for _ in range(5)]
            answers = [mercedes.check_out() for _ in range(20)]
            assert not any(one.done() for one in waiting), (
                "twenty of another tenant's were answered while the lock was held"
            )
            time.sleep(HELD_SECONDS)  # long past the patience of a transaction that many share
        assert {one.result().status_code for one in waiting} == {201}
    assert {answer.status_code for answer in answers} == {201}
    assert faults_of("mercedes") == faults_of("bmw") == []
