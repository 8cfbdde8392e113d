"""Sealing again with the newest master key all that was sealed with a former one; without downtime, and as often as one likes.

    1. put the new key in front:  MASTER_KEY=new,old      and restart: `new` seals, both open
    2. manage.py rotate_master_key                         this story: row by row, each in a transaction of its own
    3. take the old key away:     MASTER_KEY=new

`SEALED` lists every sealed column of the product; an architecture test finds one that is missing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from accounts import totp
from accounts.models import Totp
from audit import events
from billing.models import WebhookEndpoint
from billing.webhooks import endpoints
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.sealing import is_sealed_with_newest, seal, unseal
from cloudlicenses.web import idempotency
from cloudlicenses.web.models import IdempotentAnswer
from keys import signing
from keys.models import SigningKey
from tenants.context import inside, platform
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed texts; `place` says what each is bound to, `is_ours` which rows are sealed at all."""

    model: type[models.Model]
    column: str
    purpose: str
    place: Callable[[Any], str]
    is_ours: Callable[[Any], bool] = lambda row: True
    is_in_tenants: bool = False


SEALED = (
    Sealed(SigningKey, "sealed_private_key", signing.PURPOSE, lambda key: str(key.kid), is_in_tenants=True),
    Sealed(Totp, "sealed_secret", totp.PURPOSE, totp.place_of, is_in_tenants=True),
    Sealed(WebhookEndpoint, "sealed_secret", endpoints.SECRET, lambda endpoint: str(endpoint.id)),
    Sealed(WebhookEndpoint, "sealed_former_secret", endpoints.SECRET, lambda endpoint: str(endpoint.id)),
    Sealed(WebhookEndpoint, "authorization", endpoints.AUTHORIZATION, lambda endpoint: str(endpoint.id)),
    Sealed(
        IdempotentAnswer,
        "body",
        idempotency.PURPOSE,
        lambda answer: f"{answer.caller}/{answer.key}",
        is_ours=lambda answer: not bytes(answer.body).startswith(b"{"),  # the plane's answers hold no secret
        is_in_tenants=True,
    ),
)


def rotate(actor: Actor, say: Callable[[str], None]) -> int:
    """How many texts were sealed again, in `public` and in every tenant. Interrupted, it goes on where it stopped."""
    with platform():
        total = sum(_reseal(sealed) for sealed in SEALED)
        tenants = list(_tenants())
    say(f"public: {total}")
    for tenant_id in tenants:
        with inside(tenant_id):
            count = sum(_reseal(sealed) for sealed in SEALED if sealed.is_in_tenants)
        say(f"{tenant_id}: {count}")
        total += count
    with platform():
        events.record("master_key.rotated", actor=actor, resealed=total)
    return total


def _tenants() -> Iterator[str]:
    yield from (
        Tenant.objects.filter(is_provisioned=True).exclude(status=Tenant.Status.DELETED).values_list("id", flat=True)
    )


def _reseal(sealed: Sealed) -> int:
    rows = sealed.model._default_manager.exclude(**{f"{sealed.column}__isnull": True})
    return sum(_reseal_one(sealed, key) for key in rows.values_list("pk", flat=True).iterator(chunk_size=500))


@transaction.atomic
def _reseal_one(sealed: Sealed, key: Any) -> bool:
    row = sealed.model._default_manager.select_for_update().filter(pk=key).first()
    text = bytes(getattr(row, sealed.column) or b"")
    if row is None or not text or not sealed.is_ours(row) or is_sealed_with_newest(text):
        return False
    place = sealed.place(row)
    setattr(
        row, sealed.column, seal(unseal(text, purpose=sealed.purpose, place=place), purpose=sealed.purpose, place=place)
    )
    row.save(update_fields=[sealed.column])
    return True
