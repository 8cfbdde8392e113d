"""A look at a tenant: what is new in its log is judged, alerts are raised or counted, and those whose cause is gone are
resolved.

All of it, with how far the log was read, is one transaction under the lock of the tenant's row of watch: whoever dies in the
middle has done nothing, whoever comes second finds nothing new. So each entry is judged once, and each alert raised once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from alerts import calendars, channels, raising, reading, rules, sending, watching
from alerts.judging import bent, hours, lasting, pace, people, places, refusals
from alerts.judging.scene import Finding, Scene, key_id_of
from alerts.reading import Occurrence
from alerts.watch.models import Watch
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside, platform

PUT_OFF = timedelta(minutes=1)
LATECOMERS = timedelta(seconds=3)
LASTING_EVERY = timedelta(minutes=1)
JUDGES = (refusals.judge, places.judge, pace.judge, hours.judge, people.judge, bent.judge)

log = structlog.get_logger("alerts")


def look_due() -> int:
    """Look at every tenant that is due, each by itself: one that fails is put off and holds up nobody. How many were due."""
    with platform():
        tenants = watching.due("look_at")
    for tenant_id in tenants:
        try:
            look(tenant_id)
        except Exception as error:  # of whatever kind: the other tenants are looked at all the same
            log.error("alerts come late", tenant=tenant_id, exc_info=error)
            with platform():
                Watch.objects.filter(tenant_id=tenant_id).update(look_at=clock.now() + PUT_OFF)
    return len(tenants)


@transaction.atomic
def look(tenant_id: str) -> None:
    """Whoever is looked at already, or was since it was due, is left alone."""
    with platform():
        watch = (
            Watch.objects.select_for_update(skip_locked=True)
            .filter(tenant_id=tenant_id, look_at__lte=clock.now())
            .first()
        )
    if watch is None:
        return
    now = clock.now()
    is_first = watch.looked_at is None
    with inside(tenant_id):
        if is_first:
            channels.ensure_mail_to_administrators()
        news = reading.read(watch)
        next_at = _judge(watch, news.occurrences, now)
        send_at = sending.next_message_at()
    with platform():
        watch.looked_at = now
        watch.look_at = _next_look(news, next_at, now)
        watch.send_at = send_at
        watch.save()


def _judge(watch: Watch, occurrences: Sequence[Occurrence], now: datetime) -> datetime | None:
    """When time alone will next change something, as far as that was asked."""
    is_stale = watch.judged_at is None or watch.judged_at <= now - LASTING_EVERY
    if not occurrences and not is_stale:
        return raising.next_end(now)
    scene = _scene(occurrences, now)
    raising.tell(_findings(scene, with_lasting=is_stale), scene)
    if is_stale:
        raising.resolve_what_is_over(scene)
        watch.judged_at = now
    return min(filter(None, (lasting.next_change(scene), raising.next_end(now))), default=None)


def _findings(scene: Scene, *, with_lasting: bool) -> Iterator[Finding]:
    for judge in (*JUDGES, *((lasting.judge,) if with_lasting else ())):
        yield from judge(scene)


def _scene(occurrences: Sequence[Occurrence], now: datetime) -> Scene:
    named = set(filter(None, map(key_id_of, occurrences)))
    keys = {key.id: key for key in ApiKey.objects.filter(id__in=named)} if named else {}
    return Scene(now, occurrences, rules.all_rules(), calendars.business_hours(), keys)


def _next_look(news: reading.News, next_at: datetime | None, now: datetime) -> datetime | None:
    if not news.is_all:
        return now
    waits = (next_at, now + LATECOMERS if news.is_waiting else None)
    return min(filter(None, waits), default=None)
