"""Vendors' messages that are due: signed, four of an endpoint at a time, tried for three days (cloudlicenses/web/outgoing)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from billing.models import WebhookDelivery
from billing.webhooks.deliveries import DELIVERY
from billing.webhooks.endpoints import authorization_of, secrets_of
from cloudlicenses.kit import clock
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.web.outgoing import signing, wire
from cloudlicenses.web.outgoing.problems import Unsent
from cloudlicenses.web.outgoing.queue import Queue, side_by_side
from cloudlicenses.web.wakeups import announce_change
from tenants.context import platform

QUEUE = Queue(
    deliveries="billing_webhookdelivery",
    endpoints="billing_webhookendpoint",
    of_one=4,
    tried_for=timedelta(days=3),
    longest_pause=timedelta(hours=6),
)


Send = Callable[[], tuple[int, str]]

log = structlog.get_logger("webhooks")


def send_due(*, rounds: int = 50) -> int:
    """Send until nothing is due (or for so many rounds); how many attempts were made."""
    made = 0
    with platform():
        for _ in range(rounds):
            claimed = _claim()
            if not claimed:
                break
            ways = {delivery.pk: _prepared(delivery) for delivery in claimed}
            for delivery, outcome in side_by_side(claimed, _by(ways)):
                QUEUE.write_down(delivery, outcome)
                announce_change(delivery.vendor_id, DELIVERY)
                made += 1
    return made


def _claim() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.filter(id__in=QUEUE.claim()).select_related("endpoint"))


def _by(ways: dict[str, Send]) -> Callable[[WebhookDelivery], tuple[int, str]]:
    return lambda delivery: ways[delivery.pk]()


def _prepared(delivery: WebhookDelivery) -> Send:
    """All that needs the database is done here: threads that asked for a key would each have a connection of their own. What
    can't be signed is tried again, and keeps no other waiting."""
    body = delivery.body.encode()
    try:
        return partial(wire.post, delivery.endpoint.url, body, _headers(delivery, body))
    except Unsealable as error:
        log.error("a webhook can't be signed", delivery=delivery.pk, exc_info=error)
        return _unsigned


def _unsigned() -> tuple[int, str]:
    raise Unsent("unsigned")


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
