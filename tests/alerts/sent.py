"""Channels of Mercedes, something to tell them, and what became of the messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts import channels
from alerts.models import Alert, Channel, Delivery
from alerts.watch.models import Watch
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside, platform
from tests import builders
from tests.alerts.conftest import MERCEDES, THERE, alerts, happened, look, send

SLACK = "/services/T000/B000/XXXXXXXX"
ROUTING_KEY = "R" * 32


def channel(kind: str, target: dict[str, Any], **wishes: Any) -> tuple[Channel, str]:
    with inside(MERCEDES):
        return channels.add(kind, target, actor=builders.actor(), name=kind, **wishes)


def tried(key: ApiKey) -> None:
    happened(
        "key.refused", code="hostname_not_allowed", key_id=key.id, ip=THERE, hostname="<@U1>laptop.mallory.example"
    )


def raised(key: ApiKey) -> Alert:
    """An alert, and everything sent that waited for it."""
    tried(key)
    look()
    send()
    return alerts()[-1]


def deliveries(**wanted: Any) -> list[Delivery]:
    with inside(MERCEDES):
        return list(Delivery.objects.filter(**wanted).order_by("created_at", "id"))


def act(story: Any, alert: Alert) -> None:
    with inside(MERCEDES):
        story(alert.id, actor=builders.actor())


def make_due() -> None:
    with inside(MERCEDES):
        Delivery.objects.update(next_try_at=clock.now() - timedelta(seconds=1))
    with platform():
        Watch.objects.update(send_at=clock.now())
