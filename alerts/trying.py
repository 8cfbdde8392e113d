"""Trying a channel: a message that says it is a test, sent and logged as any other."""

from __future__ import annotations

from django.db import transaction

from alerts import channels, deliveries, watching
from alerts.models import Channel
from audit import events
from cloudlicenses.kit.actor import Actor
from tenants import context


@transaction.atomic
def send_test(channel_id: str, *, actor: Actor) -> Channel:
    """To this channel alone, whatever it wants to hear of. Raises `NotFound`. In the tenant's scope."""
    watching.send_soon(context.current().tenant_id)
    channel = channels.channel_for(channel_id)
    deliveries.send_test(channel)
    events.record("alert_channel.tested", actor=actor, subject=("alert_channel", channel.id), announce=False)
    return channel
