"""Making a tenant, step by step: each step is a row that is done once, whoever tries and however often.

One process works on a tenant at a time: it holds a lock of the database that ends with its connection, so a worker that is killed
leaves no lock behind and the next sweep goes on where it stopped. A step's own writes and its mark of being done are one
transaction; what can't be in it (role and schema, made as the owner) looks first whether it is there already. A step that fails
keeps its problem and is tried again with growing pauses.

settings.ONBOARDING_STEPS names the list of steps (cloudlicenses/wiring.py): some of them belong to apps that know of tenants, not
the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from psycopg.errors import LockNotAvailable

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import gettext_noop
from cloudlicenses.web.scrubbing import without_secrets
from tenants import isolation, queries, snapshot
from tenants.context import inside
from tenants.models import OnboardingStep, Tenant
from tenants.ownership import owner_connection
from tenants.refusals import TenantNotReady

LONGEST_PAUSE = timedelta(minutes=10)
PATIENCE_SECONDS = 20
TURN = "hashtextextended(%s, 0)"

log = structlog.get_logger("provisioning")


@dataclass(frozen=True, slots=True)
class Step:
    """`do` must come to the same when it is repeated. It runs in platform scope and in a transaction."""

    name: str
    do: Callable[[Tenant], object]


def plan(tenant: Tenant) -> None:
    """Write down what will have to be done, in the transaction that makes the tenant's row."""
    now = clock.now()
    OnboardingStep.objects.bulk_create(
        OnboardingStep(tenant=tenant, name=step.name, position=position, next_try_at=now)
        for position, step in enumerate(configured_steps(), start=1)
    )


def provision(tenant_id: str, steps: Sequence[Step] | None = None) -> bool:
    """Do what is left to do; whether all of it is done now. False too while another process is at it."""
    with owner_connection() as owner:
        if not _is_ours(owner, tenant_id):
            return False
        return all(_do_once(tenant_id, step) for step in steps or configured_steps())


def continue_provisioning(most: int = 20) -> int:
    """Go on with tenants that are due: after a failure, or a worker's death; with how many."""
    due = OnboardingStep.objects.filter(done_at=None, next_try_at__lte=clock.now())
    tenant_ids = list(due.order_by("tenant_id").values_list("tenant_id", flat=True).distinct()[:most])
    for tenant_id in tenant_ids:
        provision(tenant_id)
    return len(tenant_ids)


def configured_steps() -> tuple[Step, ...]:
    steps: tuple[Step, ...] = import_string(settings.ONBOARDING_STEPS)
    return steps


def wait_for_turn(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    """Until nobody is at this tenant any more; then nobody else is, for as long as this connection is open.

    Raises `TenantNotReady` when that takes too long.
    """
    try:
        with owner.transaction():
            owner.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
            owner.execute(f"SELECT pg_advisory_lock({TURN})", [f"provision {tenant_id}"])
    except LockNotAvailable:
        raise TenantNotReady(gettext_noop("The tenant is being made at this moment. Try again.")) from None


def make_role(tenant: Tenant) -> None:
    with owner_connection() as owner:
        isolation.make_tenant_role(owner, tenant.pk)


def make_schema(tenant: Tenant) -> None:
    with owner_connection() as owner:
        snapshot.create_schema(owner, tenant.pk)


def open_for_use(tenant: Tenant) -> None:
    """From now on the tenant's host answers."""
    if Tenant.objects.filter(pk=tenant.pk, is_provisioned=False).update(
        is_provisioned=True, status=Tenant.Status.ACTIVE
    ):
        with inside(tenant.pk):
            events.record("tenant.provisioned", actor=SYSTEM, subject=("tenant", tenant.pk), crm_id=tenant.crm_id)
    transaction.on_commit(lambda: queries.forget(tenant.pk))


def _is_ours(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> bool:
    row = owner.execute(f"SELECT pg_try_advisory_lock({TURN})", [f"provision {tenant_id}"]).fetchone()
    return bool(row and row[0])


def _do_once(tenant_id: str, step: Step) -> bool:
    """Whether the step is done, now or before."""
    row = OnboardingStep.objects.filter(tenant_id=tenant_id, name=step.name).first()
    if row is None or row.done_at:
        return True
    row.attempts, row.started_at = row.attempts + 1, clock.now()
    row.save(update_fields=["attempts", "started_at"])
    try:
        with transaction.atomic():
            step.do(Tenant.objects.get(pk=tenant_id))
            row.done_at, row.next_try_at, row.last_problem = clock.now(), None, ""
            row.save(update_fields=["done_at", "next_try_at", "last_problem"])
    except Exception as error:  # of whatever kind: it is kept with the step and tried again
        _postpone(row, error)
        return False
    return True


def _postpone(row: OnboardingStep, error: Exception) -> None:
    log.error("step failed", tenant=row.tenant_id, step=row.name, attempt=row.attempts, exc_info=error)
    again_at = clock.now() + min(timedelta(seconds=2 ** min(row.attempts, 10)), LONGEST_PAUSE)
    OnboardingStep.objects.filter(pk=row.pk).update(
        last_problem=f"{type(error).__name__}: {without_secrets(str(error))}"[:500].replace("\0", "")
    )
    OnboardingStep.objects.filter(tenant_id=row.tenant_id, done_at=None).update(next_try_at=again_at)
