"""A system of the tenant's own: Standard Webhooks, signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts import channels, shown
from alerts.models import Alert, Channel, Delivery
from alerts.speaking.parcel import Parcel
from cloudlicenses.kit import clock, jsonmoney
from cloudlicenses.web.outgoing import signing


def body(channel: Channel, event: str, alert: Alert | None, now: datetime) -> str:
    said = {"channel_id": channel.id, "message": "If you can read this, your webhook works."}
    data = shown.alert(alert) if alert else said
    return jsonmoney.dumps({"type": event, "timestamp": clock.rfc3339(now), "data": data}).decode()


def parcel(delivery: Delivery, target: dict[str, Any]) -> Parcel:
    body = delivery.body.encode()
    headers = signing.headers(
        message_id=delivery.message_id,
        timestamp=int(clock.now().timestamp()),
        body=body,
        secrets=channels.secrets_of(delivery.endpoint, target),
    )
    return Parcel(target["url"], body, headers)
