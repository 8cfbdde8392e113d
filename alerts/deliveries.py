"""Messages about alerts: one row for each channel that wants it (of a mail: for each reader), written with what it is about.

A message that is still waiting when a newer one of the same alert comes is superseded: nobody is told of a beginning after the
end. What had never been tried is left out whole, with its end; what is under way is not overtaken.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from alerts import channels, speaking
from alerts.kinds import rank
from alerts.models import Alert, Channel, Delivery
from cloudlicenses.kit import clock, ids

RAISED = "alert.raised"
TEST = "alert.test"
KEPT = timedelta(days=90)
Status = Delivery.Status


def enqueue(event: str, alert: Alert, *, not_before: datetime | None = None) -> None:
    """Put a message on its way to every channel that wants it. In the tenant's scope, and in the caller's transaction."""
    now = clock.now()
    rows = []
    for channel in Channel.objects.filter(is_active=True):
        is_to_follow = event == RAISED or _heard_of_it(channel, alert)
        if not is_to_follow or not _wants(channel, alert) or not speaking.tells(channel.kind, event):
            continue
        rows += list(_messages(channel, event, alert, now, max(not_before or now, _arrived_by(channel, alert) or now)))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def send_test(channel: Channel) -> None:
    """To this channel alone, whatever it wants to hear of."""
    now = clock.now()
    rows = list(_messages(channel, TEST, None, now, now))
    Delivery.objects.bulk_create(rows)


def of_channel(channel: Channel) -> QuerySet[Delivery]:
    """Newest first."""
    return channel.deliveries.order_by("-created_at", "-id")


def forget_old() -> int:
    """Drop what was done with `KEPT` ago; how many."""
    done = Delivery.objects.exclude(status=Status.PENDING)
    return done.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def _wants(channel: Channel, alert: Alert) -> bool:
    return rank(alert.severity) >= rank(channel.least_severity) and (not channel.kinds or alert.kind in channel.kinds)


def _heard_of_it(channel: Channel, alert: Alert) -> bool:
    """Whether there is anything to follow up; what waits is superseded."""
    earlier = channel.deliveries.filter(alert=alert)
    was_tried = earlier.filter(attempts__gt=0).exists()
    earlier.filter(status=Status.PENDING).update(status=Status.SUPERSEDED)
    return was_tried


def _arrived_by(channel: Channel, alert: Alert) -> datetime | None:
    """When what is on its way about this alert will have arrived, or its claim have lapsed."""
    at: datetime | None = channel.deliveries.filter(alert=alert).aggregate(at=Max("claimed_until"))["at"]
    return at


def _messages(
    channel: Channel, event: str, alert: Alert | None, now: datetime, not_before: datetime
) -> Iterator[Delivery]:
    body = speaking.body(channel, event, alert, now)
    message_id = f"msg-{alert.id}-{event.rpartition('.')[2]}" if alert else ids.new_id("msg")
    for receiver in channels.readers(channel):
        yield Delivery(
            id=ids.new_id("dlv"), endpoint=channel, alert=alert, message_id=message_id, event=event, receiver=receiver, body=body,
            next_try_at=not_before, created_at=now,
        )  # fmt: skip
