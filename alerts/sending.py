"""Messages that are due, sent: tenant by tenant, in each channel's order, tried again for a day (cloudlicenses.web.outgoing).

A tenant is claimed for as long as its messages may take, so that two workers do different tenants; when one dies, another finds the
tenant due again, and its messages once their claims have lapsed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

import structlog
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Coalesce, Greatest

from alerts import channels, watching
from alerts.models import Delivery
from alerts.speaking import letter, pagerduty, slack, webhook
from alerts.watch.models import Watch
from cloudlicenses.kit import clock
from cloudlicenses.web.outgoing.queue import LEASE, Queue, side_by_side
from tenants.context import inside, platform

QUEUE = Queue(
    deliveries="alerts_delivery",
    endpoints="alerts_channel",
    of_one=1,  # PagerDuty must hear of the beginning before the end
    tried_for=timedelta(hours=24),
    longest_pause=timedelta(hours=1),
)
MOST_IN_A_ROW = 20  # of one tenant, before the others have their turn
PARCELS = {"webhook": webhook.parcel, "slack": slack.parcel, "pagerduty": pagerduty.parcel}
Send = Callable[[], tuple[int | None, str]]

log = structlog.get_logger("alerts")


def send_due() -> int:
    """Send what is due at every tenant; how many attempts were made."""
    with platform():
        tenants = watching.due("send_at")
    return sum(_send_of(tenant_id) for tenant_id in tenants)


def _send_of(tenant_id: str) -> int:
    with platform():
        is_ours = Watch.objects.filter(tenant_id=tenant_id, send_at__lte=clock.now()).update(
            send_at=clock.now() + LEASE
        )
    if not is_ours:
        return 0
    made = 0
    try:
        with inside(tenant_id):
            while made < MOST_IN_A_ROW and (attempts := _send_claimed()):
                made += attempts
        _say_when_next(tenant_id)
    except Exception as error:  # of whatever kind: its claim lapses, and the other tenants have their turn
        log.error("messages come late", tenant=tenant_id, exc_info=error)
    return made


def _send_claimed() -> int:
    rows = list(Delivery.objects.filter(id__in=QUEUE.claim()).select_related("endpoint", "alert"))
    ways = {row.pk: _way_of(row) for row in rows}
    if rows:
        for delivery, outcome in side_by_side(rows, lambda row: ways[row.pk]()):
            QUEUE.write_down(delivery, outcome)
    return len(rows)


def _way_of(delivery: Delivery) -> Send:
    """What can't be prepared fails when it is sent: it is tried again and given up as all else, and keeps no other waiting."""
    try:
        return _prepared(delivery)
    except Exception as error:  # of whatever kind
        return partial(_fail, error)


def _fail(error: Exception) -> NoReturn:
    raise error


@transaction.atomic
def _prepared(delivery: Delivery) -> Send:
    """All that needs the database is done here; what comes of it needs the network alone."""
    channel = delivery.endpoint
    if channel.kind == channel.Kind.EMAIL:
        return letter.letter(delivery).send
    return PARCELS[channel.kind](delivery, channels.target_of(channel)).send


@transaction.atomic
def _say_when_next(tenant_id: str) -> None:
    """Under the row's lock: who enqueues takes it first, so nothing is overlooked."""
    with platform():
        watch = Watch.objects.select_for_update().get(tenant_id=tenant_id)
    with inside(tenant_id):
        watch.send_at = next_message_at()
    with platform():
        watch.save(update_fields=["send_at"])


def next_message_at() -> datetime | None:
    """When the next message is due, in the tenant's scope; one that a worker is at, when its claim lapses."""
    waiting = Delivery.objects.filter(status=Delivery.Status.PENDING, endpoint__is_active=True)
    first: datetime | None = waiting.aggregate(
        at=Min(Greatest("next_try_at", Coalesce("claimed_until", "next_try_at")))
    )["at"]
    return first
