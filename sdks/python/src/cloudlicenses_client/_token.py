"""The signed lease: a compact JWS (RFC 7515) whose signature is Ed25519 (RFC 8037) and nothing else.

1. Take the token apart, strictly: three parts, no padding, one algorithm, one type. A header that asks for anything else is
   refused, so no other algorithm can ever be talked into use.
2. Verify the signature with the key the header names, out of the server's published set.
3. Read the claims, and compare them with what was asked for: a genuine lease of another user, product, host or tenant is
   as worthless as a forged one.
4. Hold its times against this machine's clock.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ._clock import SKEW_SECONDS, Clock
from ._errors import ClockSetBackError, LeaseTokenError, LeaseTokenExpiredError
from ._machine import same_machine

_LONGEST_TOKEN = 64 * 1024
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
T = TypeVar("T")


@dataclass(frozen=True)
class Claims:
    """What the server signed."""

    lease_id: str
    license_id: str
    lease_type: str
    user: str
    product: str
    tenant: str
    vendor: str
    hostname: str | None
    features: Mapping[str, Any]
    is_offline_lease: bool
    issued_at: float
    expires_at: float


@dataclass(frozen=True)
class Expected:
    """Whom a lease must be for. `None` means any."""

    product: str
    user: str
    hostname: str
    tenant: str | None
    lease_id: str | None = None


@dataclass(frozen=True)
class SignedToken:
    """A token taken apart, not yet believed."""

    key_id: str
    signed: bytes
    signature: bytes
    payload: bytes


def parse(token: str) -> SignedToken:
    """The parts of a token with exactly the expected header; raises `LeaseTokenError`."""
    parts = token.split(".") if len(token) <= _LONGEST_TOKEN else []
    if len(parts) != 3:
        raise LeaseTokenError("The lease token is not a compact JWS.")
    header = _json_object(_decoded(parts[0]))
    if header.get("alg") != "EdDSA" or header.get("typ") != "cl-lease+jwt" or "crit" in header:
        raise LeaseTokenError("The lease token is not an EdDSA-signed lease.")
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    return SignedToken(_typed(header, "kid", str), signed, _decoded(parts[2]), _decoded(parts[1]))


def verified_claims(token: SignedToken, key: Ed25519PublicKey, expected: Expected) -> Claims:
    """The claims, when the signature is the key's and they are meant for us; raises `LeaseTokenError`."""
    try:
        key.verify(token.signature, token.signed)
    except InvalidSignature:
        raise LeaseTokenError("The lease token's signature is wrong.") from None
    claims = _claims_in(_json_object(token.payload))
    _refuse_foreign(claims, expected)
    return claims


def refuse_untimely(claims: Claims, clock: Clock, *, not_before: float = 0.0) -> None:
    """Raise unless now lies between the signing (or `not_before`, if later) and the expiry."""
    now = clock.wall()
    if now < max(claims.issued_at, not_before) - SKEW_SECONDS:
        raise ClockSetBackError(
            f"This machine's clock says {_utc(now)}, but the lease was in use at "
            f"{_utc(max(claims.issued_at, not_before))}. Set the clock right and try again."
        )
    if now >= claims.expires_at:
        raise LeaseTokenExpiredError(f"The signed lease was valid until {_utc(claims.expires_at)}.")


def _claims_in(payload: dict[str, Any]) -> Claims:
    features = _typed(payload, "features", dict)
    hostname = payload.get("hostname")
    return Claims(
        lease_id=_typed(payload, "jti", str),
        license_id=_typed(payload, "license", str),
        lease_type=_typed(payload, "lease_type", str),
        user=_typed(payload, "sub", str),
        product=_typed(payload, "product", str),
        tenant=_typed(payload, "tenant", str),
        vendor=_typed(payload, "vendor", str),
        hostname=None if hostname is None else _typed(payload, "hostname", str),
        features=features,
        is_offline_lease=payload.get("offline") is True,
        issued_at=float(_typed(payload, "iat", int)),
        expires_at=float(_typed(payload, "exp", int)),
    )


def _refuse_foreign(claims: Claims, expected: Expected) -> None:
    mismatches = {
        "product": claims.product != expected.product,
        "user": claims.user != expected.user,
        "host": claims.hostname is not None and not same_machine(expected.hostname, claims.hostname),
        "tenant": expected.tenant is not None and claims.tenant != expected.tenant,
        "lease": expected.lease_id is not None and claims.lease_id != expected.lease_id,
    }
    wrong = [name for name, differs in mismatches.items() if differs]
    if wrong:
        raise LeaseTokenError(f"The lease token is for another {' and '.join(wrong)}.")


def _decoded(part: str) -> bytes:
    if not _BASE64URL.fullmatch(part):
        raise LeaseTokenError("The lease token is not base64url.")
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise LeaseTokenError("The lease token is not base64url.") from None


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise LeaseTokenError("The lease token does not hold JSON objects.")
    return document


def _typed(document: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = document.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise LeaseTokenError(f"The lease token's {name!r} is missing or malformed.")
    return value


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
