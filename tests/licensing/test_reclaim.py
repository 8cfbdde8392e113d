"""Seats come back by themselves, and only tenants that are due are looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import sql

from cloudlicenses.kit import clock
from licensing import reclaim
from licensing.models import Lease, License
from tenants import roles
from tenants.context import inside
from tenants.models import SweepDue
from tenants.ownership import owner_connection
from tests import builders, cast
from tests.licensing.workstations import Workstation
from tests.servers import Server


@pytest.fixture
def lapsed(workstation: Workstation) -> str:
    lease = workstation.check_out().json()
    with inside("mercedes"):
        Lease.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    SweepDue.objects.update(due_at=clock.now() - timedelta(seconds=1))
    return str(lease["lease_id"])


def test_a_checkout_says_when_to_look(workstation: Workstation) -> None:
    workstation.check_out(duration_seconds=120)
    began = clock.now()
    workstation.check_out(duration_seconds=60)
    workstation.check_out(duration_seconds=600)
    due = SweepDue.objects.get()
    assert due.tenant_id == "mercedes"
    assert began + timedelta(seconds=59) < due.due_at <= clock.now() + timedelta(seconds=60)


def test_the_sweep_brings_lapsed_seats_back(lapsed: str) -> None:
    assert reclaim.reclaim_due() == 1
    assert reclaim.reclaim_due() == 0
    with inside("mercedes"):
        assert Lease.objects.get(pk=lapsed).ended_by == "expired"
        assert License.objects.get().commit_in_use == 0


def test_a_tenant_with_nothing_in_use_is_soon_left_alone(lapsed: str) -> None:
    looks = 0
    while SweepDue.objects.exists() and looks < 5:
        SweepDue.objects.update(due_at=clock.now() - timedelta(seconds=1))
        reclaim.reclaim_due()
        looks += 1
    assert looks == 2


def test_a_seat_that_was_not_returned_counts_as_free_before_any_sweep(lapsed: str, workstation: Workstation) -> None:
    with inside("mercedes"):
        reader = builders.tenant_key(scopes=("license:read",))
    shown = workstation.server.ask("GET", "/api/v1/licenses", label="mercedes", key=reader).json()["data"][0]
    assert (shown["in_use"], shown["available"], shown["product_id"]) == (0, 3, cast.DAVINCI.id)


def test_a_tenant_that_somebody_has_locked_keeps_no_other_waiting(
    lapsed: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reclaim, "PATIENCE_MS", 200)
    with inside("bmw"):
        builders.leased(
            builders.granted("lic-bmw", commit_in_use=1), "lease-bmw", expires_at=clock.now() - timedelta(seconds=1)
        )
    SweepDue.objects.create(tenant_id="bmw", due_at=clock.now() - timedelta(hours=1))
    with owner_connection() as owner, owner.transaction():
        table = sql.Identifier(roles.schema_of("bmw"), "licensing_license")
        owner.execute(sql.SQL("SELECT FROM {} FOR UPDATE").format(table))
        assert reclaim.reclaim_due() == 1
        assert reclaim.reclaim_due() == 0, "it is put off"
    SweepDue.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert reclaim.reclaim_due() == 1
    with inside("bmw"):
        assert Lease.objects.get().ended_by == "expired"
