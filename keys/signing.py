"""What we sign with: Ed25519 for everything, ML-DSA-65 beside it on packages, and the public halves as a JWK set.

A key's private half is sealed with its owner's data key and opened in the process that signs. Keys belong to an owner: a vendor
(rows in `public`) or a tenant (rows in its own schema); every function here works in the present scope.
Formats: compact JWS (RFC 7515), EdDSA (RFC 8037), key ids by thumbprint (RFC 7638), ML-DSA keys of type `AKP` (FIPS 204).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from django.db import transaction

from cloudlicenses.kit import clock
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.sealing.rows import seal, unseal
from keys.models import SigningKey

EDDSA = "EdDSA"
ML_DSA_65 = "ML-DSA-65"
PrivateKey = Ed25519PrivateKey | MLDSA65PrivateKey
GENERATE: dict[str, Callable[[], PrivateKey]] = {
    EDDSA: Ed25519PrivateKey.generate,
    ML_DSA_65: MLDSA65PrivateKey.generate,
}
OPEN: dict[str, Callable[[bytes], PrivateKey]] = {
    EDDSA: Ed25519PrivateKey.from_private_bytes,
    ML_DSA_65: MLDSA65PrivateKey.from_seed_bytes,
}
REMEMBERED_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key ready for use. `sign` takes bytes and gives the raw signature."""

    kid: str
    algorithm: str
    private_key: PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        return self.private_key.sign(message)


# A process signs with few keys again and again. Under what they are sealed as: who can't read that here gets none of them.
_signers: Remembered[tuple[str, bytes], Signer] = Remembered(most=4096, seconds=REMEMBERED_SECONDS)


def ensure_signing_keys(owner: str, algorithms: Iterable[str] = (EDDSA,)) -> None:
    """Make what the owner lacks. May run twice, also at once: one key an algorithm stays."""
    for algorithm in algorithms:
        if not _current(owner).filter(algorithm=algorithm).exists():
            with transaction.atomic():
                SigningKey.objects.bulk_create([_new_key(owner, algorithm)], ignore_conflicts=True)


@transaction.atomic
def rotate(owner: str, algorithm: str = EDDSA) -> str:
    """A new key signs from now on; the old one still verifies what it signed. The new key's id."""
    list(_current(owner).filter(algorithm=algorithm).select_for_update())
    _current(owner).filter(algorithm=algorithm).update(retired_at=clock.now())
    key = _new_key(owner, algorithm)
    key.save(force_insert=True)
    return key.kid


def algorithms_of(owner: str) -> list[str]:
    """What the owner signs by now."""
    return list(_current(owner).order_by("algorithm").values_list("algorithm", flat=True))


def signer_for(owner: str, algorithm: str = EDDSA) -> Signer:
    """The owner's present key of that algorithm, made now if there is none."""
    present = _current(owner).filter(algorithm=algorithm)
    key: SigningKey | None = present.first()
    if key is None:
        ensure_signing_keys(owner, (algorithm,))
        key = present.get()
    return _signers.get((key.kid, bytes(key.sealed_private_key)), lambda: _opened(key))


def compact_jws(payload: bytes, signer: Signer, **header: Any) -> str:
    """`header.payload.signature`; `alg` and `kid` are the signer's."""
    protected = json.dumps({"alg": signer.algorithm, "kid": signer.kid, **header}, separators=(",", ":")).encode()
    signed = f"{base64url(protected)}.{base64url(payload)}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def jwks(owner: str = "") -> dict[str, list[dict[str, str]]]:
    """The public keys of the present scope, retired ones too: they still verify. Of one owner, or of all."""
    keys = SigningKey.objects.filter(owner=owner) if owner else SigningKey.objects.all()
    return {"keys": [jwk(key.kid, key.algorithm, bytes(key.public_key)) for key in keys.order_by("-created_at", "kid")]}


def jwk(kid: str, algorithm: str, public: bytes) -> dict[str, str]:
    return {**_thumbprint_members(algorithm, public), "kid": kid, "alg": algorithm, "use": "sig"}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _new_key(owner: str, algorithm: str) -> SigningKey:
    private = GENERATE[algorithm]()
    public = private.public_key().public_bytes_raw()
    kid = _thumbprint(algorithm, public)
    key = SigningKey(kid=kid, owner=owner, algorithm=algorithm, public_key=public, created_at=clock.now())
    key.sealed_private_key = seal(key, "sealed_private_key", private.private_bytes_raw())
    return key


def _opened(key: SigningKey) -> Signer:
    private = OPEN[key.algorithm](unseal(key, "sealed_private_key"))
    return Signer(kid=key.kid, algorithm=key.algorithm, private_key=private)


def _current(owner: str) -> Any:
    return SigningKey.objects.filter(owner=owner, retired_at=None)


def _thumbprint(algorithm: str, public: bytes) -> str:
    members = json.dumps(_thumbprint_members(algorithm, public), sort_keys=True, separators=(",", ":"))
    return base64url(hashlib.sha256(members.encode()).digest())


def _thumbprint_members(algorithm: str, public: bytes) -> dict[str, str]:
    if algorithm == EDDSA:
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url(public)}
    return {"kty": "AKP", "alg": algorithm, "pub": base64url(public)}
