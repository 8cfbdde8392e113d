"""Issuing, restricting, rotating and revoking keys: an application's (`clsk`) or a vendor system's (`clvk`).

Works in the scope of the owner. The key's text is returned once and never stored. After a change every process is told to forget
what it remembers of the key (web.wakeups), so a revocation is in force everywhere within a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from audit import events
from cloudlicenses.kit import clock, ids, tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Said, gettext_noop
from cloudlicenses.web import wakeups
from keys import queries
from keys.models import ApiKey
from keys.recognising import APPLICATION, VENDOR
from keys.refusals import KeyReplaced

APPLICATION_SCOPES = ("license:checkout", "license:return", "license:read", "usage:write")
VENDOR_SCOPES = ("vendor:read", "vendor:write")
GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What a key is bound to; empty means unbound."""

    allowed_hostnames: tuple[str, ...] = ()
    allowed_ip_ranges: tuple[str, ...] = ()
    allowed_products: tuple[str, ...] = ()
    require_mtls: bool = False
    client_cert_cn: str = ""
    client_cert_names: tuple[str, ...] = ()
    require_device: bool = False
    checkouts_per_minute: int | None = None
    requests_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and, this once, its text."""

    key: ApiKey
    text: str = field(repr=False)


@transaction.atomic
def issue(
    actor: Actor,
    *,
    owner: str,
    app_name: str,
    app_type: str = "desktop",
    scopes: Iterable[str] = APPLICATION_SCOPES,
    expires_in_days: int | None = None,
    restrictions: Restrictions = Restrictions(),
    metadata: Mapping[str, Any] | None = None,
) -> Issued:
    """A new key for an application (or, with vendor scopes, for a vendor's system)."""
    now = clock.now()
    prefix = VENDOR if set(scopes) <= set(VENDOR_SCOPES) else APPLICATION
    minted = tokens.mint(prefix, owner)
    key = ApiKey(
        id=ids.new_id("key"), owner=owner, secret_hash=minted.digest, hint=minted.hint, app_name=app_name, app_type=app_type,
        scopes=list(scopes), metadata=dict(metadata or {}), created_at=now, created_by=actor.label or actor.id,
        expires_at=now + timedelta(days=expires_in_days) if expires_in_days else None,
        **_columns(restrictions),
    )  # fmt: skip
    key.save(force_insert=True)
    events.record("key.issued", actor=actor, subject=("key", key.id), app_name=app_name, scopes=key.scopes)
    return Issued(key=key, text=minted.text)


@transaction.atomic
def restrict(actor: Actor, key_id: str, changes: Mapping[str, Any]) -> ApiKey:
    """Bind a key to hostnames, networks, products, a certificate; only what `changes` names. Raises `NotFound`."""
    key = queries.key_for_update(key_id)
    for name, value in changes.items():
        setattr(key, name, value)
    key.save(update_fields=list(changes) or None)
    events.record("key.restricted", actor=actor, subject=("key", key.id), changes=sorted(changes))
    wakeups.announce("key", key.id)
    return key


@transaction.atomic
def rotate(actor: Actor, key_id: str, *, grace: timedelta = GRACE) -> Issued:
    """A new key with the same name, scopes and restrictions; the old one works for the grace period. Of two at once, one does it.

    Raises `NotFound`, `KeyReplaced`.
    """
    old = queries.key_for_update(key_id, usable_only=True)
    if old.replaced_by:
        told = Said(gettext_noop("This key was replaced by %(key)s."), key=old.replaced_by)
        raise KeyReplaced(told, replaced_by=old.replaced_by)
    minted, now = tokens.mint(old_prefix(old), old.owner), clock.now()
    fresh = ApiKey.objects.get(pk=old.pk)
    fresh.id, fresh.secret_hash, fresh.hint = ids.new_id("key"), minted.digest, minted.hint
    fresh.created_at, fresh.created_by, fresh.last_used_at = now, actor.label or actor.id, None
    if old.expires_at:
        fresh.expires_at = now + (old.expires_at - old.created_at)
    fresh.save(force_insert=True)
    old.replaced_by = fresh.id
    old.expires_at = min(filter(None, (old.expires_at, now + grace)))
    old.save(update_fields=["replaced_by", "expires_at"])
    events.record("key.rotated", actor=actor, subject=("key", old.id), new_key_id=fresh.id)
    wakeups.announce("key", old.id)
    return Issued(key=fresh, text=minted.text)


@transaction.atomic
def revoke(actor: Actor, key_id: str) -> ApiKey:
    """The key is refused from now on; revoking twice changes nothing. Raises `NotFound`."""
    key = queries.key_for_update(key_id)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        events.record("key.revoked", actor=actor, subject=("key", key.id), app_name=key.app_name)
        wakeups.announce("key", key.id)
    return key


def old_prefix(key: ApiKey) -> str:
    """`clvk` for a vendor's key, `clsk` for an application's."""
    return VENDOR if set(key.scopes) <= set(VENDOR_SCOPES) else APPLICATION


def _columns(restrictions: Restrictions) -> dict[str, Any]:
    values = {name: getattr(restrictions, name) for name in Restrictions.__dataclass_fields__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
