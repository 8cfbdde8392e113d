"""What vendors may see of usage: numbers by license and hour, carried out of each tenant's schema into `public` (ADR 0013).

A job reads, under the tenant's own role, the hours since its watermark, and writes them with the watermark in one transaction. It
may run at any time, twice, and by two workers at once: the watermark's row is the lock, and what was counted only grows. Who has
seats in use is looked at every time, everybody else once a day, for refusals alone; so idle tenants cost next to nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import connection, transaction

from cloudlicenses.kit import clock
from cloudlicenses.web.wakeups import announce_change
from licensing import hours
from tenants.context import inside, platform
from vendors import summing
from vendors.models import UsageWatermark

MOST_AT_ONCE = 500
IDLE_TENANTS_EVERY = timedelta(days=1)
LONGEST_STRETCH = timedelta(days=31)  # read at once, when there is much to catch up with
SETTLES = timedelta(minutes=2)  # what was stamped by then has been committed or never will be
KEPT = timedelta(days=800)
log = structlog.get_logger("projection")

DUE = """
    SELECT tenant.id FROM tenants_tenant AS tenant LEFT JOIN vendors_usagewatermark AS mark ON mark.tenant_id = tenant.id
     WHERE tenant.is_provisioned
       AND (coalesce(mark.until, '-infinity') < %(stale)s OR mark.until > %(now)s
            OR EXISTS (SELECT FROM tenants_sweepdue AS at_work WHERE at_work.tenant_id = tenant.id))
     ORDER BY mark.until NULLS FIRST LIMIT %(most)s
"""


def project_due() -> int:
    """Every tenant that is due, each by itself: one that fails is logged and holds up nobody. How many were looked at."""
    now = clock.now()
    with platform(), connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "stale": now - IDLE_TENANTS_EVERY, "most": MOST_AT_ONCE})
        due = [str(tenant_id) for (tenant_id,) in cursor.fetchall()]
    news: set[str] = set()
    for tenant_id in due:
        try:
            news |= project(tenant_id)
        except DatabaseError as error:
            log.error("usage stays unseen", tenant=tenant_id, exc_info=error)
    for vendor_id in news:
        announce_change(vendor_id, "usage")
    return len(due)


def project(tenant_id: str) -> set[str]:
    """Bring what vendors see of this tenant's usage up to the present; the vendors for whom there is news. Whoever is at it already
    is left alone."""
    news: set[str] = set()
    while _project_stretch(tenant_id, news):
        pass
    return news


def forget_old() -> int:
    """Hours older than `KEPT` go; how many. In platform scope."""
    return summing.forget_before(clock.now() - KEPT)


@transaction.atomic
def _project_stretch(tenant_id: str, news: set[str]) -> bool:
    """Whether there is more to catch up with; `news` grows by those for whom there was some."""
    with platform():
        mark = _lock(tenant_id)
    if mark is None:
        return False
    now = clock.now()
    with inside(tenant_id):
        start = _hour(_seen_until(mark, now) or hours.first_use() or now)
        end = min(now, start + LONGEST_STRETCH)
        used = hours.used_hours(start, end)
    with platform():
        news |= summing.write(tenant_id, used, start, end)
        mark.until = end if end < now else now - SETTLES
        mark.save(update_fields=["until"])
    return end < now


def _lock(tenant_id: str) -> UsageWatermark | None:
    UsageWatermark.objects.bulk_create([UsageWatermark(tenant_id=tenant_id)], ignore_conflicts=True)
    return UsageWatermark.objects.select_for_update(skip_locked=True).filter(tenant_id=tenant_id).first()


def _seen_until(mark: UsageWatermark, now: datetime) -> datetime | None:
    """A clock that was ahead left a mark that is still to come: what was stamped since it went back has not been read, so the
    last stretch is read once more."""
    return now - LONGEST_STRETCH if mark.until and mark.until > now else mark.until


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
