"""Seats come back by themselves: which tenants are due is one query over `tenants_sweepdue`, whatever their number.

A checkout writes there when its lease ends before the tenant's next look. A checkout that has not committed yet when the sweep
looks is not seen by it; so a tenant without leases is looked at once more, `AFTERWARDS` later, before its row goes. A tenant whose
seats can't be swept (somebody holds a lock) is put off, and the others go on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction

from cloudlicenses.kit import clock
from licensing import leases
from tenants.context import inside, platform
from tenants.models import SweepDue

MOST_AT_ONCE = 500
AFTERWARDS = timedelta(minutes=5)
PUT_OFF = timedelta(minutes=1)
PATIENCE_MS = 2_000  # for a lock; all the others wait meanwhile

log = structlog.get_logger("reclaim")


def reclaim_due() -> int:
    """Sweep every tenant that is due; how many seats came back. Any number of workers may do it at once."""
    with platform():
        due = list(
            SweepDue.objects.filter(due_at__lte=clock.now())
            .order_by("due_at")
            .values_list("tenant_id", flat=True)[:MOST_AT_ONCE]
        )
    return sum(_sweep(tenant_id) for tenant_id in due)


def _sweep(tenant_id: str) -> int:
    try:
        return _sweep_now(tenant_id)
    except DatabaseError as error:
        log.error("seats can't be swept now", tenant=tenant_id, exc_info=error)
    with platform():
        SweepDue.objects.filter(tenant_id=tenant_id).update(due_at=clock.now() + PUT_OFF)
    return 0


def _sweep_now(tenant_id: str) -> int:
    """Licenses are locked before the tenant's row, as a checkout does."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
        with inside(tenant_id):
            swept = leases.sweep()
        with platform():
            _look_again(tenant_id, swept["next_at"])
    return int(swept["came_back"])


def _look_again(tenant_id: str, next_at: str | None) -> None:
    row = SweepDue.objects.select_for_update().filter(tenant_id=tenant_id).first()
    if row is None:
        return
    row.idle_looks = 0 if next_at else row.idle_looks + 1
    if row.idle_looks > 1:
        row.delete()
        return
    row.due_at = min(filter(None, (datetime.fromisoformat(next_at) if next_at else None, clock.now() + AFTERWARDS)))
    row.save(update_fields=["due_at", "idle_looks"])
