"""The lease as a signed token: what an application goes on working with when the network is gone, until `exp`.

A compact JWS (RFC 7515, EdDSA) with the key's id; the public keys are at `/.well-known/jwks.json` of the tenant's host. Signing
with Ed25519 gives the same bytes for the same lease, so a replayed answer carries the same token.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from cloudlicenses.web.pages import tenant_url
from keys.signing import Signer, compact_jws

TYPE = "cl-lease+jwt"


def lease_token(
    signer: Signer,
    *,
    tenant_id: str,
    lease: dict[str, str],
    features: Iterable[str],
    offline: bool,
    moment: datetime,
    expires: datetime,
) -> str:
    """`lease`: lease_id, license_id, lease_type, vendor_id, product_id, user, hostname. `moment` is when it was (re)issued."""
    claims = {
        "iss": tenant_url(tenant_id),
        "sub": lease["user"],
        "jti": lease["lease_id"],
        "iat": int(moment.timestamp()),
        "exp": int(expires.timestamp()),
        "tenant": tenant_id,
        "vendor": lease["vendor_id"],
        "product": lease["product_id"],
        "license": lease["license_id"],
        "lease_type": lease["lease_type"],
        "hostname": lease["hostname"] or None,
        "features": dict.fromkeys(features, True),
        "offline": offline,
    }
    return compact_jws(msgspec.json.encode(claims), signer, typ=TYPE)
