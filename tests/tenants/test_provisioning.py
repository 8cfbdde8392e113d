"""Making a tenant step by step: what comes of it, and what becomes of failures and of two workers at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Invitation, Role, User
from audit.models import AuditEntry
from cloudlicenses.kit.actor import SYSTEM
from keys.models import SigningKey
from tenants import deploying, provisioning, verification
from tenants.context import inside
from tenants.models import OnboardingStep, Tenant
from tenants.ownership import owner_connection
from tenants.provisioning import Step
from tests.tenants.conftest import Pass, registered

pytestmark = pytest.mark.usefixtures("committed")


def verified_only(monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """ACME is proved, and nothing is provisioned yet: as if the worker had died at that instant."""
    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "provision", lambda tenant_id: False)
        return verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)


def test_a_tenant_gets_all_it_needs() -> None:
    verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)
    tenant = Tenant.objects.get(id="acme")
    assert (tenant.status, tenant.is_provisioned) == (Tenant.Status.ACTIVE, True)
    assert not OnboardingStep.objects.filter(tenant=tenant, done_at=None).exists()
    with inside("acme"):
        administrator = User.objects.get()
        assert (administrator.email, administrator.role) == ("admin@acme.example", Role.OWNER)
        assert administrator.password == ""
        assert Invitation.objects.get().user == administrator
        assert SigningKey.objects.get().owner == "acme"
        assert set(AuditEntry.objects.values_list("event", flat=True)) >= {"tenant.provisioned", "user.invited"}
    with owner_connection() as owner:
        assert deploying.lagging_schemas(owner) == []


def test_provisioning_again_changes_nothing() -> None:
    verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)
    before = list(OnboardingStep.objects.values_list("name", "attempts", "done_at"))
    assert provisioning.provision("acme")
    assert provisioning.continue_provisioning() == 0
    assert list(OnboardingStep.objects.values_list("name", "attempts", "done_at")) == before
    with inside("acme"):
        assert Invitation.objects.count() == 1


@pytest.mark.usefixtures("time_stands")
def test_a_failed_step_is_kept_and_tried_again(monkeypatch: pytest.MonkeyPatch, let_pass: Pass) -> None:
    verified_only(monkeypatch)
    failures = ["no such key server", "still none"]

    def failing(tenant: Tenant) -> None:
        Tenant.objects.filter(pk=tenant.pk).update(company_name="half-written")
        if failures:
            raise RuntimeError(failures.pop(0))

    steps = [
        Step(step.name, failing if step.name == "signing_keys" else step.do) for step in provisioning.configured_steps()
    ]
    monkeypatch.setattr(provisioning, "configured_steps", lambda: steps)
    assert provisioning.continue_provisioning() == 1
    row = OnboardingStep.objects.get(name="signing_keys")
    assert (row.attempts, row.done_at, row.last_problem) == (1, None, "RuntimeError: no such key server")
    assert Tenant.objects.get(id="acme").company_name == "ACME GmbH"
    assert OnboardingStep.objects.get(name="opening").attempts == 0
    assert provisioning.continue_provisioning() == 0  # not due yet

    let_pass(timedelta(seconds=2))
    assert provisioning.continue_provisioning() == 1
    let_pass(timedelta(seconds=2))
    assert provisioning.continue_provisioning() == 0  # the pauses grow
    let_pass(timedelta(seconds=2))
    assert provisioning.continue_provisioning() == 1
    row.refresh_from_db()
    assert (row.attempts, row.last_problem) == (3, "")
    assert Tenant.objects.get(id="acme").is_provisioned


def test_one_worker_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    verified_only(monkeypatch)
    with owner_connection() as other_worker:
        assert provisioning._is_ours(other_worker, "acme")
        assert not provisioning.provision("acme")
        assert set(OnboardingStep.objects.values_list("attempts", flat=True)) == {0}
    assert provisioning.provision("acme")
