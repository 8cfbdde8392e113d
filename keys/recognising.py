"""Whose key is this, and may it be used now? Shared by the plane (async) and the control APIs (sync).

Both look a key up by its digest in the scope of its owner and hand the row to `usable`; the order of refusals is the API's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudlicenses.kit import tokens
from keys.models import ApiKey
from keys.refusals import KeyExpired, KeyInvalid, KeyMissing, KeyRevoked, WrongTenant

APPLICATION = "clsk"
VENDOR = "clvk"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What there is to know of a key at each use; immutable, so that it can be remembered."""

    id: str
    owner: str
    app_name: str
    scopes: tuple[str, ...]
    allowed_hostnames: tuple[str, ...]
    allowed_ip_ranges: tuple[str, ...]
    allowed_products: tuple[str, ...]
    require_mtls: bool
    client_cert_cn: str
    client_cert_names: tuple[str, ...]
    checkouts_per_minute: int | None
    requests_per_hour: int | None
    expires_at: datetime | None
    revoked_at: datetime | None
    require_device: bool = False

    @property
    def needs_certificate(self) -> bool:
        """Whether it says so, or names whose."""
        return self.require_mtls or bool(self.client_cert_cn or self.client_cert_names)


COLUMNS = tuple(KeyFacts.__dataclass_fields__)


def bearer(authorization: str) -> str:
    """The token of an `Authorization` header; raises `KeyMissing`."""
    kind, _, text = authorization.partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise KeyMissing
    return text.strip()


def owner_of(text: str, prefix: str) -> str:
    """Whose key this says it is; raises `KeyInvalid` for what has not the shape of one."""
    owner = tokens.owner_in(text, prefix)
    if owner is None:
        raise KeyInvalid
    return owner


def refuse_other_tenants(owner: str, tenant_id: str) -> None:
    """A key works on its own tenant's host only, whether it exists elsewhere or not."""
    if owner != tenant_id:
        raise WrongTenant


def find(text: str, prefix: str) -> KeyFacts:
    """The key's facts, by Django's connection, in the present scope; raises `KeyInvalid`."""
    found = (
        ApiKey.objects.filter(secret_hash__in=tokens.digests(text), owner=owner_of(text, prefix))
        .values(*COLUMNS)
        .first()
    )
    if found is None:
        raise KeyInvalid
    return facts_from(found)


def facts_from(row: Mapping[str, Any]) -> KeyFacts:
    facts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return KeyFacts(**facts)


def usable(key: KeyFacts, now: datetime) -> KeyFacts:
    """The key itself; raises `KeyExpired`, `KeyRevoked`."""
    if key.expires_at is not None and key.expires_at <= now:
        raise KeyExpired
    if key.revoked_at is not None and key.revoked_at <= now:
        raise KeyRevoked
    return key
