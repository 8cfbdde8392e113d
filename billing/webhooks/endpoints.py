"""A vendor's webhook endpoints: added, changed, given a new secret, removed. In the vendor's scope: nobody else's are there.

The secret is shown when it is made and never again; in the database it is sealed, as is the vendor's own bearer token.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit import events
from billing.models import WebhookEndpoint
from billing.refusals import TooManyEndpoints
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web.outgoing.addresses import checked_url
from cloudlicenses.web.outgoing.signing import former_until, new_secret, still_until

MOST_ENDPOINTS = 20


def endpoints() -> QuerySet[WebhookEndpoint]:
    """The vendor's own, newest first."""
    return WebhookEndpoint.objects.order_by("-created_at", "-id")


def endpoint_for(endpoint_id: str) -> WebhookEndpoint:
    """The vendor's own endpoint; raises `NotFound`."""
    found = WebhookEndpoint.objects.filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def add(
    vendor_id: str, *, url: str, listens_to: list[str], authorization: str = "", actor: Actor
) -> tuple[WebhookEndpoint, str]:
    """The new endpoint and its secret in clear. Raises `UnfitUrl`, `TooManyEndpoints`."""
    secret, endpoint_id = new_secret(), ids.new_id("wh")
    with transaction.atomic():
        if WebhookEndpoint.objects.count() >= MOST_ENDPOINTS:  # two at once may pass it by one; nothing depends on it
            raise TooManyEndpoints
        endpoint = WebhookEndpoint(
            id=endpoint_id,
            vendor_id=vendor_id,
            url=checked_url(url),
            events=listens_to,
            created_at=clock.now(),
        )
        endpoint.sealed_secret = seal(endpoint, "sealed_secret", secret.encode())
        endpoint.authorization = _sealed_authorization(endpoint, authorization)
        endpoint.save(force_insert=True)
        _record("webhook.added", endpoint, actor, url=endpoint.url, listens_to=listens_to)
    return endpoint, secret


def change(endpoint_id: str, changes: dict[str, Any], *, actor: Actor) -> WebhookEndpoint:
    """`changes` may hold url, events, is_active, authorization (empty: none any more). Raises `NotFound`, `UnfitUrl`."""
    with transaction.atomic():
        endpoint = _for_update(endpoint_id)
        if "url" in changes:
            changes["url"] = checked_url(changes["url"])
        if "authorization" in changes:
            changes["authorization"] = _sealed_authorization(endpoint, changes["authorization"])
        for name, value in changes.items():
            setattr(endpoint, name, value)
        if changes:
            endpoint.save(update_fields=list(changes))
        _record("webhook.changed", endpoint, actor, changed=sorted(changes))
    return endpoint


def rotate_secret(endpoint_id: str, *, actor: Actor) -> tuple[WebhookEndpoint, str]:
    """A new secret, in clear; for a day messages carry a signature by the former one too. Raises `NotFound`."""
    secret = new_secret()
    with transaction.atomic():
        endpoint = _for_update(endpoint_id)
        endpoint.sealed_former_secret = seal(endpoint, "sealed_former_secret", unseal(endpoint, "sealed_secret"))
        endpoint.former_secret_until = former_until()
        endpoint.sealed_secret = seal(endpoint, "sealed_secret", secret.encode())
        endpoint.save(update_fields=["sealed_former_secret", "former_secret_until", "sealed_secret"])
        _record("webhook.secret_rotated", endpoint, actor)
    return endpoint, secret


def remove(endpoint_id: str, *, actor: Actor) -> None:
    """The endpoint and the log of its deliveries. Raises `NotFound`."""
    with transaction.atomic():
        endpoint = _for_update(endpoint_id)
        _record("webhook.removed", endpoint, actor, url=endpoint.url)
        endpoint.delete()


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """What signs now: the secret, and the former one for a day."""
    columns = ["sealed_secret"]
    if endpoint.sealed_former_secret and still_until(endpoint.former_secret_until):
        columns.append("sealed_former_secret")
    return [unseal(endpoint, column).decode() for column in columns]


def authorization_of(endpoint: WebhookEndpoint) -> str:
    """The bearer token that the vendor wants to see, if any."""
    return unseal(endpoint, "authorization").decode() if endpoint.authorization else ""


def _for_update(endpoint_id: str) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_for_update().filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def _sealed_authorization(endpoint: WebhookEndpoint, text: str) -> bytes | None:
    return seal(endpoint, "authorization", text.encode()) if text else None


def _record(event: str, endpoint: WebhookEndpoint, actor: Actor, **facts: Any) -> None:
    events.record(event, actor=actor, subject=("webhook", endpoint.id), announce=False, **facts)
