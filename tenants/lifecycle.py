"""What an operator does with a tenant: suspend, resume, delete. Each act is audited in `public`, where it outlives the tenant.

Deleting ends in the same state however often it is interrupted and repeated: no schema, no role, a row that keeps the id taken and
says when; the ledger stays, since bills depend on it. Names are freed but for the id: the ledger goes by it. It waits for whoever
is making the tenant, who would else make again what has just been dropped.
"""

from __future__ import annotations

import psycopg
from django.db import transaction
from psycopg import sql

from audit import delivery, events, sealing
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Said, gettext_noop
from cloudlicenses.sealing import data_keys
from cloudlicenses.web import wakeups
from tenants import provisioning, queries, roles
from tenants.models import Domain, OnboardingStep, Registration, SweepDue, Tenant
from tenants.ownership import owner_connection
from tenants.refusals import TenantNotReady


def suspend(tenant_id: str, *, actor: Actor) -> Tenant:
    """Its APIs refuse with `tenant_suspended` within seconds; nothing is lost. Repeatable."""
    return _change(tenant_id, Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED, "tenant.suspended", actor)


def resume(tenant_id: str, *, actor: Actor) -> Tenant:
    """As before the suspension. Repeatable."""
    return _change(tenant_id, Tenant.Status.SUSPENDED, Tenant.Status.ACTIVE, "tenant.resumed", actor)


def retry(tenant_id: str, *, actor: Actor) -> bool:
    """Go on with its provisioning now; whether it came to its end."""
    with transaction.atomic():
        events.record("tenant.retried", actor=actor, subject=("tenant", tenant_id))
    return provisioning.provision(tenant_id)


def delete(tenant_id: str, *, actor: Actor) -> None:
    """Everything the tenant has is gone for good; export it before. Repeatable. Raises `NotFound`, `TenantNotReady`."""
    with owner_connection() as owner:
        provisioning.wait_for_turn(owner, tenant_id)
        _say_goodbye(tenant_id, actor)
        with owner.transaction():
            _drop_schema_and_role(owner, tenant_id)
    SweepDue.objects.filter(tenant_id=tenant_id).delete()  # a last checkout may have come in after the goodbye


@transaction.atomic
def _change(tenant_id: str, before: str, after: str, event: str, actor: Actor) -> Tenant:
    tenant = queries.tenant_for_update(tenant_id)
    if tenant.status == after:
        return tenant
    if tenant.status != before:
        raise TenantNotReady(Said(gettext_noop("The tenant is %(status)s."), status=tenant.status))
    tenant.status = after
    Tenant.objects.filter(pk=tenant_id).update(status=after)
    events.record(event, actor=actor, subject=("tenant", tenant_id))
    transaction.on_commit(lambda: queries.forget(tenant_id))
    wakeups.announce("tenant", tenant_id)
    return tenant


@transaction.atomic
def _say_goodbye(tenant_id: str, actor: Actor) -> None:
    """The row stays, without anything about persons and with a domain that nobody can have."""
    tenant = queries.tenant_for_update(tenant_id)
    if tenant.status == Tenant.Status.DELETED:
        return
    Tenant.objects.filter(pk=tenant_id).update(
        status=Tenant.Status.DELETED,
        is_provisioned=False,
        domain=f"{tenant_id}.deleted.invalid",
        admin_email="",
        admin_name="",
    )
    OnboardingStep.objects.filter(tenant=tenant).delete()
    Domain.objects.filter(tenant=tenant).delete()
    Registration.objects.filter(tenant_id=tenant_id).delete()
    delivery.give_up_on_tenant(tenant_id)
    sealing.give_up_on_tenant(tenant_id)
    data_keys.destroy_all_of(f"tenant:{tenant_id}")
    events.record("tenant.deleted", actor=actor, subject=("tenant", tenant_id))
    transaction.on_commit(lambda: queries.forget(tenant_id))
    wakeups.announce("tenant", tenant_id)


def _drop_schema_and_role(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> None:
    owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(roles.schema_of(tenant_id))))
    if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [roles.tenant_role(tenant_id)]).fetchone():
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(roles.tenant_role(tenant_id))))
