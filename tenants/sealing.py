"""Whose logs are to be sealed: every tenant's, those first at which something goes on.

Most writers say themselves that there is something new (audit/events.py). A checkout does not, it is in a hurry; but a tenant
with seats in use has a row in `tenants_sweepdue`, and is looked at within a minute. Whatever else is written is found within an
hour.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from audit import sealing
from cloudlicenses.kit import clock
from tenants.context import inside, platform

AT_WORK = timedelta(minutes=1)
UNWATCHED = """
    SELECT source FROM (SELECT id AS source FROM tenants_tenant WHERE is_provisioned UNION ALL SELECT '') wanted
    WHERE NOT EXISTS (SELECT FROM audit_sealdue due WHERE due.source = wanted.source)
"""
BRING_FORWARD = """
    UPDATE audit_sealdue SET due_at = %(now)s
    WHERE due_at > %(at_work)s AND source IN (SELECT tenant_id FROM tenants_sweepdue) OR due_at > %(longest)s
"""


def seal_logs() -> int:
    """How many entries were sealed. Any number of workers may do it at once."""
    with platform():
        _watch()
        return sealing.seal_due(inside=inside)


def _watch() -> None:
    """Tenants that came since the last time, and those at work."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(UNWATCHED)
        if new := [row[0] for row in cursor.fetchall()]:
            sealing.keep_watch_on(new)
        moments = {"now": now, "at_work": now + AT_WORK, "longest": now + sealing.LONGEST_PAUSE}
        cursor.execute(BRING_FORWARD, moments)
