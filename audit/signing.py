"""How a log's heads are signed: Ed25519, a key of each log's own, and its public half as a JWK (RFC 8037, RFC 7638).

It works in the scope where the log stands. keys/signing.py is for packages and leases: what signs these must not sign a log.

A key has its time: from when it was made until the next one was. Nobody rotates a key that somebody is signing with, and both say
the hour by the key as well as by the clock; so each head was signed in the time of its key, to the microsecond, and a verifier
may refuse all others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.models import LogKey
from cloudlicenses.kit import clock
from cloudlicenses.kit.canonical import canonical
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.sealing.rows import seal, unseal

DOMAIN = b"cloudlicenses tree head v1\n"  # before what is signed, so that no other signature can pass for a head's
MOMENT = timedelta(microseconds=1)
# Shared: any number may sign at once, and a rotation waits for them. One that is waited for is not found afterwards.
HELD = "SELECT * FROM audit_logkey WHERE log = ANY(%s) AND retired_at IS NULL ORDER BY log FOR SHARE"

_opened: Remembered[tuple[str, bytes], Ed25519PrivateKey] = Remembered(most=1024, seconds=300.0)


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs for a log until the transaction is over."""

    kid: str
    since: datetime
    private: Ed25519PrivateKey = field(repr=False)

    def now(self) -> datetime:
        """Never before the key's own time, whatever this machine's clock says."""
        return max(clock.now(), self.since)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def statement(log: str, size: int, root: bytes, at: datetime) -> bytes:
    """What a head's signature is over."""
    return DOMAIN + canonical({"log": log, "size": size, "root": root.hex(), "at": rfc3339(at)})


def signers_of(logs: Collection[str]) -> dict[str, Signer]:
    """With each log's key, made now where there is none. In a transaction: until its end none of them is rotated."""
    found: dict[str, LogKey] = {}
    while lacking := sorted({*logs} - {*found}):
        found |= {key.log: key for key in LogKey.objects.raw(HELD, [lacking])}
        for log in (log for log in lacking if log not in found):  # it has none yet, or was given another one just now
            _add(log, clock.now())
    return {log: _signer(key) for log, key in found.items()}


def rotate(log: str, after: datetime | None = None) -> LogKey:
    """A new key signs from now on; the heads signed before stay good. `after`: when the newest of those was. In a transaction;
    waits for whoever is signing."""
    former = LogKey.objects.select_for_update().filter(log=log, retired_at=None).first()
    began = [former.created_at] if former else []
    now = max([clock.now(), *(moment + MOMENT for moment in (*began, *([after] if after else [])))])
    if former:
        former.retired_at = now
        former.save(update_fields=["retired_at"])
    _add(log, now)
    return LogKey.objects.get(log=log, retired_at=None)


def public_keys(log: str) -> dict[str, list[dict[str, Any]]]:
    """The JWK set of a log, the newest key first; former ones too. Each with its time."""
    return {"keys": [_shown(key) for key in LogKey.objects.filter(log=log).order_by("-created_at", "kid")]}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _add(log: str, at: datetime) -> None:
    """Of two at once, the one that comes second adds nothing."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = base64url(hashlib.sha256(canonical(_members(public))).digest())
    key = LogKey(kid=kid, log=log, public_key=public, created_at=at)
    key.sealed_private_key = seal(key, "sealed_private_key", private.private_bytes_raw())
    LogKey.objects.bulk_create([key], ignore_conflicts=True)


def _signer(key: LogKey) -> Signer:
    private = _opened.get((key.kid, bytes(key.sealed_private_key)), lambda: _open(key))
    return Signer(key.kid, key.created_at, private)


def _open(key: LogKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(unseal(key, "sealed_private_key"))


def _shown(key: LogKey) -> dict[str, Any]:
    span = {"valid_from": rfc3339(key.created_at), "valid_until": rfc3339(key.retired_at) if key.retired_at else None}
    return {**_members(bytes(key.public_key)), "kid": key.kid, "alg": "EdDSA", "use": "sig", **span}


def _members(public: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}
