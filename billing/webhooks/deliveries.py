"""Messages waiting for endpoints: one row for each endpoint that wants to hear, written with what the message is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from audit import events
from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks.endpoints import endpoint_for
from cloudlicenses.kit import clock, ids, jsonmoney
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.wakeups import announce_change

ANY_EVENT = "*"
TEST_EVENT = "webhook.test"
DELIVERY = "delivery"  # what pages hear of that show deliveries
KEPT = timedelta(days=90)
Status = WebhookDelivery.Status


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the `webhook-id`: who asks for the same message twice gets one delivery to each endpoint."""

    vendor_id: str
    event: str
    id: str
    body: str


def enqueue(messages: Iterable[Message]) -> int:
    """Put messages on their way to the endpoints that listen; how many deliveries. For one that is paused they wait until it is
    resumed. In the caller's transaction."""
    messages = list(messages)
    by_vendor: dict[str, list[WebhookEndpoint]] = {}
    for endpoint in WebhookEndpoint.objects.filter(vendor_id__in={message.vendor_id for message in messages}):
        by_vendor.setdefault(endpoint.vendor_id, []).append(endpoint)
    waiting = [
        _delivery(endpoint, message)
        for message in messages
        for endpoint in by_vendor.get(message.vendor_id, [])
        if message.event in endpoint.events or ANY_EVENT in endpoint.events
    ]
    WebhookDelivery.objects.bulk_create(waiting, ignore_conflicts=True)
    for vendor_id in {delivery.vendor_id for delivery in waiting}:
        announce_change(vendor_id, DELIVERY)
    return len(waiting)


def announce(event: str, *, vendor_id: str, message_id: str, at: datetime, data: dict[str, Any]) -> int:
    """An event other than an invoice, in the envelope that Standard Webhooks recommends."""
    body = jsonmoney.dumps({"type": event, "timestamp": clock.rfc3339(at), "data": data}).decode()
    return enqueue([Message(vendor_id=vendor_id, event=event, id=message_id, body=body)])


def deliveries_of(endpoint_id: str) -> QuerySet[WebhookDelivery]:
    """Newest first; raises `NotFound`. In the vendor's scope."""
    return WebhookDelivery.objects.filter(endpoint=endpoint_for(endpoint_id)).order_by("-created_at", "-id")


def send_test(endpoint_id: str, *, actor: Actor) -> WebhookDelivery:
    """`webhook.test` to this endpoint alone, whatever it listens to. Raises `NotFound`. In the vendor's scope."""
    now = clock.now()
    with transaction.atomic():
        endpoint = endpoint_for(endpoint_id)
        said = {"endpoint_id": endpoint.id, "message": "If you can read this, your webhook works."}
        body = {"type": TEST_EVENT, "timestamp": clock.rfc3339(now), "data": said}
        message = Message(endpoint.vendor_id, TEST_EVENT, ids.new_id("msg"), jsonmoney.dumps(body).decode())
        delivery = _delivery(endpoint, message)
        delivery.created_at = now
        delivery.save(force_insert=True)
        events.record("webhook.tested", actor=actor, subject=("webhook", endpoint.id), announce=False)
    return delivery


def with_newest(endpoints: QuerySet[WebhookEndpoint]) -> QuerySet[WebhookEndpoint]:
    """Endpoints with `newest_status` of their last message (null: none yet) and `failed_count` of those given up."""
    of_endpoint = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"))
    newest = of_endpoint.order_by("-created_at", "-id").values("status")[:1]
    failed = of_endpoint.filter(status=Status.FAILED).order_by().values("endpoint").annotate(n=Count("pk")).values("n")
    return endpoints.annotate(newest_status=Subquery(newest), failed_count=Coalesce(Subquery(failed), 0))


def redeliver(endpoint_id: str, delivery_id: str, *, actor: Actor) -> WebhookDelivery:
    """Send a message again, under its own id, with another three days to arrive. Twice in a row is once. Raises `NotFound`."""
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().filter(id=delivery_id, endpoint_id=endpoint_id).first()
        if delivery is None:
            raise NotFound
        if delivery.status != Status.PENDING:
            delivery.status, delivery.first_try_at = Status.PENDING, None
        delivery.next_try_at = clock.now()
        delivery.save(update_fields=["status", "first_try_at", "next_try_at"])
        events.record("webhook.redelivered", actor=actor, subject=("webhook_delivery", delivery.id), announce=False)
    return delivery


def forget_old() -> int:
    """Drop what was delivered or given up `KEPT` ago, with its log, and what has waited so long for a paused endpoint; how many.
    In platform scope."""
    over = ~Q(status=Status.PENDING) | Q(endpoint__is_active=False)
    return WebhookDelivery.objects.filter(over, created_at__lt=clock.now() - KEPT).delete()[0]


def _delivery(endpoint: WebhookEndpoint, message: Message) -> WebhookDelivery:
    return WebhookDelivery(
        id=ids.new_id("dlv"),
        endpoint=endpoint,
        vendor_id=endpoint.vendor_id,
        message_id=message.id,
        event=message.event,
        body=message.body,
        next_try_at=clock.now(),
    )
