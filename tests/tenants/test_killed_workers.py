"""A worker is killed (SIGKILL, a real process) before, within and after each step; the next one finishes what was begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import invitations
from accounts.models import Invitation, User
from cloudlicenses.kit.actor import SYSTEM
from keys.models import SigningKey
from tenants import isolation, provisioning, snapshot, verification
from tenants.context import inside
from tenants.models import OnboardingStep, Registration, Tenant
from tenants.provisioning import Step
from tests.killing import die, worker_that_is_killed
from tests.tenants.conftest import registered

STEPS = [step.name for step in provisioning.configured_steps()]
pytestmark = pytest.mark.usefixtures("committed")


def dying_before(name: str) -> list[Step]:
    return [Step(step.name, die if step.name == name else step.do) for step in provisioning.configured_steps()]


def dying_within(name: str) -> list[Step]:
    """The step's work is done, but not yet committed together with its mark."""

    def doomed(step: Step) -> Step:
        return Step(step.name, lambda tenant: (step.do(tenant), die()))

    return [doomed(step) if step.name == name else step for step in provisioning.configured_steps()]


def confirm_and_leave_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "provision", lambda tenant_id: False)
        verification.confirm(registered().pk, verified_by="dns", actor=SYSTEM)


def all_is_well() -> None:
    """One tenant, open; one administrator with one usable invitation; one key; every step done."""
    assert Tenant.objects.get(id="acme").is_provisioned
    assert Registration.objects.get().status == Registration.Status.VERIFIED
    assert list(OnboardingStep.objects.filter(done_at=None)) == []
    with inside("acme"):
        invitation = Invitation.objects.get()
        assert invitations.link_of(invitation).startswith("http://acme.localhost:8000/invitations/")
        assert User.objects.get().email == "admin@acme.example"
        assert SigningKey.objects.count() == 1


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("when", [dying_before, dying_within])
def test_killed_at_a_step(monkeypatch: pytest.MonkeyPatch, when: Callable[[str], list[Step]], name: str) -> None:
    confirm_and_leave_the_rest(monkeypatch)
    worker_that_is_killed(lambda: provisioning.provision("acme", when(name)))
    undone = set(OnboardingStep.objects.filter(done_at=None).values_list("name", flat=True))
    assert undone == set(STEPS[STEPS.index(name) :])
    assert provisioning.continue_provisioning() == 1
    all_is_well()


def test_killed_in_the_middle_of_making_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm_and_leave_the_rest(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "_record_migrations", die)
        worker_that_is_killed(lambda: provisioning.provision("acme"))
    assert provisioning.continue_provisioning() == 1
    all_is_well()


def test_killed_between_the_role_and_its_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm_and_leave_the_rest(monkeypatch)
    make_role = isolation._make_role
    with monkeypatch.context() as patch:
        patch.setattr(isolation, "_make_role", lambda *arguments: (make_role(*arguments), die()))
        worker_that_is_killed(lambda: provisioning.provision("acme"))
    assert provisioning.continue_provisioning() == 1
    all_is_well()


def test_killed_while_it_writes_the_proof_down(monkeypatch: pytest.MonkeyPatch) -> None:
    registration = registered()
    with monkeypatch.context() as patch:
        patch.setattr(verification, "_close_rivals", die)
        worker_that_is_killed(lambda: verification.confirm(registration.pk, verified_by="dns", actor=SYSTEM))
    assert not Tenant.objects.filter(id="acme").exists()
    verification.confirm(registration.pk, verified_by="dns", actor=SYSTEM)
    all_is_well()


def test_killed_between_proof_and_provisioning(monkeypatch: pytest.MonkeyPatch) -> None:
    registration = registered()
    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "provision", die)
        worker_that_is_killed(lambda: verification.confirm(registration.pk, verified_by="dns", actor=SYSTEM))
    assert provisioning.continue_provisioning() == 1
    all_is_well()
