"""Recording what happened: the audit entry and its place in the outbox, in the transaction of the act itself.

An entry is written in the present scope (a tenant's schema, or `public`); the outbox row tells the delivery job that listeners
(cloudlicenses/wiring.py) want to hear of it after commit. Nothing here knows who listens.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from audit.models import AuditEntry
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.wakeups import announce_change, announce_event

ANNOUNCE = "INSERT INTO public.audit_outbox (event, tenant_id, vendor_id, entry_id) VALUES (%s, %s, %s, %s)"
# The sealer looks soon (audit/sealing.py). Nobody waits for this row: one that another holds is as good as brought forward.
WAKE_SEALER = """
    UPDATE public.audit_sealdue SET due_at = clock_timestamp() WHERE source = (
        SELECT source FROM public.audit_sealdue WHERE source = %s AND due_at > clock_timestamp() FOR UPDATE SKIP LOCKED)
"""
WAKE_AND_ANNOUNCE = f"WITH woken AS ({WAKE_SEALER}) {ANNOUNCE}"  # one statement


def record(
    event: str,
    *,
    actor: Actor,
    subject: tuple[str, str] = ("", ""),
    code: str = "",
    vendor_id: str = "",
    announce: bool = True,
    **facts: Any,
) -> int:
    """Write one entry and return its id. `event` is `noun.past_participle`; `code` marks it as refused.

    `facts` must be fit for JSON and hold no secret. `announce=False` for what nobody waits to hear of.
    """
    scope = getattr(connection, "tenant", None)  # tenants.context.Scope, which stands above this app
    vendor = vendor_id or getattr(scope, "vendor_id", "")
    entry = AuditEntry.objects.create(
        event=event,
        result="refused" if code else "success",
        code=code,
        actor_kind=actor.kind,
        actor_id=actor.id[:254],
        actor_label=actor.label[:254],
        subject_kind=subject[0],
        subject_id=subject[1][:254],
        vendor_id=vendor,
        key_id=actor.key_id,
        ip=actor.ip or None,
        hostname=actor.hostname[:253],
        fingerprint=actor.fingerprint[:128],
        user_agent=actor.user_agent[:255],
        request_id=actor.request_id,
        facts=facts,
    )
    if tenant_id := getattr(scope, "tenant_id", ""):
        announce_event(tenant_id)
    elif vendor:
        announce_change(vendor, event.partition(".")[0])
    announced = [event, tenant_id, vendor, entry.pk] if announce else []
    woken = [tenant_id] if tenant_id else []
    if statement := {(True, True): WAKE_AND_ANNOUNCE, (True, False): WAKE_SEALER, (False, True): ANNOUNCE}.get(
        (bool(woken), announce)
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement, [*woken, *announced])
    return int(entry.pk)
