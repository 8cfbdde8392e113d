"""A tenant is deleted while others are at work with it: whoever makes it is waited for, and nothing is left that is looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from licensing import reclaim
from tenants import lifecycle, provisioning, roles, verification
from tenants.models import OnboardingStep, SweepDue, Tenant
from tenants.ownership import owner_connection
from tenants.provisioning import Step
from tenants.refusals import TenantNotReady
from tests.tenants.conftest import registered

pytestmark = pytest.mark.usefixtures("committed")


class Pause:
    """A step that has begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def before(self, step: Step) -> Step:
        def do(tenant: Tenant) -> None:
            self.has_begun.set()
            assert self.may_end.wait(120)
            step.do(tenant)

        return Step(step.name, do)


@pytest.fixture
def pause() -> Iterator[Pause]:
    """ACME is being made, and its maker stands just before it makes the schema."""
    pause = Pause()
    steps = [pause.before(step) if step.name == "schema" else step for step in provisioning.configured_steps()]

    def make() -> None:
        provisioning.provision("acme", steps)
        connections.close_all()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provisioning, "provision", lambda tenant_id: False)
        verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)
    maker = threading.Thread(target=make)
    maker.start()
    assert pause.has_begun.wait(120)
    yield pause
    pause.may_end.set()
    maker.join()


def what_is_left() -> tuple[bool, bool, int]:
    with owner_connection() as owner:
        schema = owner.execute("SELECT FROM pg_namespace WHERE nspname = %s", [roles.schema_of("acme")]).fetchone()
        role = owner.execute("SELECT FROM pg_roles WHERE rolname = %s", [roles.tenant_role("acme")]).fetchone()
    return schema is not None, role is not None, OnboardingStep.objects.filter(tenant_id="acme").count()


def test_a_tenant_that_is_being_made_is_deleted_when_it_is_made(pause: Pause) -> None:
    threading.Timer(0.5, pause.may_end.set).start()
    lifecycle.delete("acme", actor=SYSTEM)
    assert what_is_left() == (False, False, 0)
    assert Tenant.objects.get(id="acme").status == Tenant.Status.DELETED
    assert provisioning.continue_provisioning() == 0


def test_nobody_waits_for_ever_for_whoever_makes_it(pause: Pause, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "PATIENCE_SECONDS", 1)
    with pytest.raises(TenantNotReady):
        lifecycle.delete("acme", actor=SYSTEM)
    assert Tenant.objects.get(id="acme").status == Tenant.Status.PROVISIONING


def test_seats_of_a_deleted_tenant_are_looked_for_no_more() -> None:
    verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)
    SweepDue.objects.create(tenant_id="acme", due_at=clock.now() - timedelta(seconds=1))
    lifecycle.delete("acme", actor=SYSTEM)
    assert not SweepDue.objects.exists()
    assert reclaim.reclaim_due() == 0
