"""Vendors' messages that are due: signed, four of an endpoint at a time, tried for three days (cloudlicenses/web/outgoing)."""

from __future__ import annotations

from datetime import timedelta

from billing.models import WebhookDelivery
from billing.webhooks.endpoints import authorization_of, secrets_of
from cloudlicenses.kit import clock
from cloudlicenses.web.outgoing import signing, wire
from cloudlicenses.web.outgoing.queue import Queue, side_by_side
from tenants.context import platform

QUEUE = Queue(
    deliveries="billing_webhookdelivery",
    endpoints="billing_webhookendpoint",
    of_one=4,
    tried_for=timedelta(days=3),
    longest_pause=timedelta(hours=6),
)


def send_due(*, rounds: int = 50) -> int:
    """Send until nothing is due (or for so many rounds); how many attempts were made."""
    made = 0
    with platform():
        for _ in range(rounds):
            claimed = _claim()
            if not claimed:
                break
            for delivery, outcome in side_by_side(claimed, _send):
                QUEUE.write_down(delivery, outcome)
                made += 1
    return made


def _claim() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.filter(id__in=QUEUE.claim()).select_related("endpoint"))


def _send(delivery: WebhookDelivery) -> tuple[int, str]:
    body = delivery.body.encode()
    return wire.post(delivery.endpoint.url, body, _headers(delivery, body))


def _headers(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    headers = signing.headers(
        message_id=delivery.message_id,
        timestamp=int(clock.now().timestamp()),
        body=body,
        secrets=secrets_of(delivery.endpoint),
    )
    if token := authorization_of(delivery.endpoint):
        headers["authorization"] = f"Bearer {token}"
    return headers | wire.JSON_HEADERS
