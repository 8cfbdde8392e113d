"""“Revoke this key”, in a mail: a link that works once, for three days, for the person it was sent to (ADR 0026).

Following it shows what would be revoked and changes nothing, so that a mail scanner may; only the button does it. The link
counts for as long as its person is active and may manage keys: whoever reads their mail could as well reset their password. Its
secret is derived, so that a letter that is tried again carries the same one, and only its hash is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts import links
from accounts.models import User
from alerts.models import Alert, Delivery, RevokeLink
from alerts.refusals import RevokeLinkExpired, RevokeLinkUnknown, RevokeLinkUsed
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.pages import tenant_url
from keys import issuing
from keys.models import ApiKey
from tenants import context

PURPOSE = "revoke links"
HOURS = 72
RIGHT = "keys:manage"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an open link would do."""

    key: ApiKey
    alert: Alert
    user: User


def link_for(delivery: Delivery, alert: Alert, reader: User) -> str:
    """The link for this letter, the same each time; empty where there is no key to revoke or the reader may not do it."""
    if alert.subject_kind != "key" or not reader.may(RIGHT):
        return ""
    key = ApiKey.objects.filter(pk=alert.subject_id, revoked_at=None).first()
    if key is None:
        return ""
    secret, now = _secrets(delivery.pk)[0], clock.now()
    link, _ = RevokeLink.objects.get_or_create(
        delivery=delivery,
        defaults={
            "secret_hash": links.hash_of(secret), "key_id": key.id, "user_id": reader.pk, "created_at": now,
            "expires_at": now + timedelta(hours=HOURS),
        },
    )  # fmt: skip
    known = next((text for text in _secrets(delivery.pk) if links.hash_of(text) == link.secret_hash), "")
    return tenant_url(context.current().tenant_id, f"/alerts/revoke/{known}") if known else ""


def find(secret: str) -> Offer:
    """What the link would revoke; looking uses nothing up. Raises `RevokeLinkUnknown`, `RevokeLinkUsed`, `RevokeLinkExpired`."""
    found = RevokeLink.objects.select_related("delivery__alert").filter(secret_hash=links.hash_of(secret)).first()
    return _offer(found)


@transaction.atomic
def use(secret: str, *, actor: Actor) -> Offer:
    """Revoke the key, as the person to whom the link was sent. Of two at once, one does it. Raises what `find` does."""
    rows = RevokeLink.objects.select_for_update(of=("self",)).select_related("delivery__alert")
    found = rows.filter(secret_hash=links.hash_of(secret)).first()
    offer = _offer(found)
    RevokeLink.objects.filter(secret_hash=links.hash_of(secret)).update(used_at=clock.now())
    person = Actor(
        kind="user", id=str(offer.user.pk), label=offer.user.email, ip=actor.ip, user_agent=actor.user_agent,
        request_id=actor.request_id,
    )  # fmt: skip
    events.record(
        "revoke_link.used", actor=person, subject=("key", offer.key.id), alert_id=offer.alert.id, announce=False
    )
    issuing.revoke(person, offer.key.id)
    return offer


def _offer(link: RevokeLink | None) -> Offer:
    if link is None or link.delivery.alert is None:
        raise RevokeLinkUnknown
    user = User.objects.filter(pk=link.user_id, is_active=True).first()
    key = ApiKey.objects.filter(pk=link.key_id).first()
    if user is None or not user.may(RIGHT) or key is None:
        raise RevokeLinkUnknown
    if link.used_at or key.revoked_at:
        raise RevokeLinkUsed
    if link.expires_at <= clock.now():
        raise RevokeLinkExpired
    return Offer(key, link.delivery.alert, user)


def _secrets(delivery_id: str) -> list[str]:
    """Under the present SECRET_KEY first, then under the former ones."""
    return links.secrets_for(f"{context.current().schema_name}/{delivery_id}", PURPOSE)
