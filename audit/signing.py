"""How a log's heads are signed: Ed25519, a key of each log's own, and its public half as a JWK (RFC 8037, RFC 7638).

It works in the scope where the log stands. keys/signing.py is for packages and leases: what signs these must not sign a log.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.models import LogKey
from cloudlicenses.kit import clock
from cloudlicenses.kit.canonical import canonical
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.sealing.rows import seal, unseal

DOMAIN = b"cloudlicenses tree head v1\n"  # before what is signed, so that no other signature can pass for a head's

_opened: Remembered[tuple[str, bytes], Ed25519PrivateKey] = Remembered(most=1024, seconds=300.0)


def statement(log: str, size: int, root: bytes, at: datetime) -> bytes:
    """What a head's signature is over."""
    return DOMAIN + canonical({"log": log, "size": size, "root": root.hex(), "at": rfc3339(at)})


def sign(log: str, message: bytes) -> tuple[str, bytes]:
    """With the log's key, made now if there is none: the key's id and the signature. In a transaction."""
    key = LogKey.objects.filter(log=log).order_by("-created_at").first() or rotate(log)
    return key.kid, _opened.get((key.kid, bytes(key.sealed_private_key)), lambda: _open(key)).sign(message)


def rotate(log: str) -> LogKey:
    """A new key signs from now on; the heads signed before stay good. In a transaction."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = base64url(hashlib.sha256(canonical(_members(public))).digest())
    key = LogKey(kid=kid, log=log, public_key=public, created_at=clock.now())
    key.sealed_private_key = seal(key, "sealed_private_key", private.private_bytes_raw())
    key.save(force_insert=True)
    return key


def public_keys(log: str) -> dict[str, list[dict[str, Any]]]:
    """The JWK set of a log, the newest key first; former ones too."""
    keys = LogKey.objects.filter(log=log).order_by("-created_at", "kid").values_list("kid", "public_key")
    return {"keys": [{**_members(bytes(public)), "kid": kid, "alg": "EdDSA", "use": "sig"} for kid, public in keys]}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _open(key: LogKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(unseal(key, "sealed_private_key"))


def _members(public: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}
