"""Who is due: one row a tenant in `public`, set by whoever knows that something happened, taken by the jobs.

What is announced (audit.delivery) is noted by a listener; checkouts are gathered in the memory of the process that serves them
(gathering.py), which may die with a second of them. So whoever has seats in use is looked at every minute at the latest, everybody
else once a day: nothing is lost, however it was noted, since what counts is the audit log and how far it has been read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from alerts.watch.models import Watch
from alerts.watch.noting import LOOK
from audit.delivery import Event
from cloudlicenses.kit import clock
from tenants.context import platform

AT_WORK_EVERY = timedelta(minutes=1)
IDLE_EVERY = timedelta(days=1)
MOST_AT_ONCE = 500

EVENTS = (
    "key.refused", "fingerprint.unknown", "key.leaked", "user.role_changed", "business_hours.changed", "log.misdated",
)  # fmt: skip
CHANGES = (
    "key.issued", "key.rotated", "key.restricted", "key.revoked", "license.capped", "alert_rule.changed",
    "certificate.issued", "certificate.revoked", "certificate_authority.created", "certificate_authority.uploaded",
    "certificate_authority.removed",
)  # fmt: skip

SEND = """
    INSERT INTO alerts_watch AS known (tenant_id, send_at) VALUES (%(tenant)s, %(at)s)
        ON CONFLICT (tenant_id) DO UPDATE SET send_at = least(known.send_at, excluded.send_at)
"""
NOBODY_NAMED = """
    INSERT INTO alerts_watch AS known (tenant_id, look_at) SELECT tenant_id, %(now)s FROM tenants_sweepdue ORDER BY tenant_id
        ON CONFLICT (tenant_id) DO UPDATE SET look_at = excluded.look_at
     WHERE (known.look_at IS NULL OR known.look_at > excluded.look_at) AND coalesce(known.looked_at, '-infinity') < %(lately)s
"""
IDLE = """
    UPDATE alerts_watch SET look_at = %(now)s
     WHERE (look_at IS NULL OR look_at > %(now)s) AND coalesce(looked_at, '-infinity') < %(long_ago)s
"""
DUE = """
    SELECT watch.tenant_id FROM alerts_watch AS watch JOIN tenants_tenant AS tenant ON tenant.id = watch.tenant_id
     WHERE watch.{column} <= %(now)s AND tenant.is_provisioned ORDER BY watch.{column} LIMIT %(most)s
"""


def note(event: Event) -> None:
    """A listener, for every event that may lead to an alert, or end one."""
    if event.tenant_id:
        with platform():
            look_soon([event.tenant_id])


def note_change(event: Event) -> None:
    """A listener, for what changes keys, certificates or budgets: what lasts is judged again."""
    note(event)
    with platform():
        Watch.objects.filter(tenant_id=event.tenant_id).update(judged_at=None)


def forget_tenant(event: Event) -> None:
    """On `tenant.deleted`."""
    with platform():
        Watch.objects.filter(tenant_id=event.subject[1]).delete()


def look_soon(tenants: Sequence[str], at: datetime | None = None) -> None:
    """In platform scope."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"tenants": list(tenants), "at": at or clock.now()})


def send_soon(tenant_id: str) -> None:
    """There is something to send. In a transaction, and before an alert is locked: looking locks in this order, too."""
    with platform(), connection.cursor() as cursor:
        cursor.execute(SEND, {"tenant": tenant_id, "at": clock.now()})


def name_the_unnamed() -> None:
    """Whoever was not looked at for so long that a process may have died with what it knew of them. In platform scope."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(NOBODY_NAMED, {"now": now, "lately": now - AT_WORK_EVERY})
        cursor.execute(IDLE, {"now": now, "long_ago": now - IDLE_EVERY})


def due(column: str) -> list[str]:
    """The tenants whose `look_at` or `send_at` has come. In platform scope."""
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(column=column), {"now": clock.now(), "most": MOST_AT_ONCE})
        return [str(tenant_id) for (tenant_id,) in cursor.fetchall()]
