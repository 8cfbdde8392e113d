"""How far a registration has come: what whoever holds its token may know, from the proof of the domain to the last step."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from cloudlicenses.kit.refusals import NotFound
from tenants.models import OnboardingStep, Registration, Tenant
from tenants.provisioning import configured_steps

DONE, WORKING, WAITING = "done", "in_progress", "pending"
PROOF = "domain_verification"


@dataclass(frozen=True, slots=True)
class StepProgress:
    name: str
    status: str
    done_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    tenant_id: str
    status: str
    steps: tuple[StepProgress, ...]

    @property
    def done(self) -> int:
        return sum(step.status == DONE for step in self.steps)


def progress_of(tenant_id: str, token: str) -> Progress:
    """Raises `NotFound` for any other token, whether or not there is such a tenant or registration."""
    candidates = Registration.objects.filter(tenant_id=tenant_id)
    for registration in candidates:
        if hmac.compare_digest(registration.token.encode(), token.encode()):
            return _progress(registration)
    raise NotFound


def _progress(registration: Registration) -> Progress:
    proof = StepProgress(
        PROOF, DONE if registration.verified_at else WAITING, registration.verified_at, attempts=registration.looks
    )
    rows = {}
    status: str = registration.status
    if registration.status == Registration.Status.VERIFIED:
        rows = {row.name: row for row in OnboardingStep.objects.filter(tenant_id=registration.tenant_id)}
        status = Tenant.objects.values_list("status", flat=True).get(pk=registration.tenant_id)
    steps = (_step(step.name, rows.get(step.name)) for step in configured_steps())
    return Progress(registration.tenant_id, status, (proof, *steps))


def _step(name: str, row: OnboardingStep | None) -> StepProgress:
    if row is None:
        return StepProgress(name, WAITING)
    status = DONE if row.done_at else WORKING if row.attempts else WAITING
    return StepProgress(name, status, row.done_at, row.attempts)
