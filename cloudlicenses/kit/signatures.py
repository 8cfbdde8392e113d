"""Signed requests: what is signed, how a signature is sent, whether it is right. docs/application-security.md tells it to those who
write clients, with test vectors beside it (docs/request-signatures.json).

What is signed is eight lines, joined by a line break and in UTF-8:

    cloudlicenses-request-v1 · method · host · target · SHA-256 of the body in hex · timestamp · nonce · key id

A signature is sent as `v1.{key id}.{timestamp}.{nonce}.{signature}`, the signature in base64url without padding. A secret's id and
a public key's id are digests of themselves, so whoever signs needs nothing but the key. Nothing here remembers nonces.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

SCHEME = "cloudlicenses-request-v1"
WINDOW_SECONDS = 60
ED25519, P256 = "Ed25519", "P-256"
SENT = re.compile(
    r"v1\.(?P<key_id>[0-9A-Za-z_-]{8,64})\.(?P<timestamp>[0-9]{1,12})\.(?P<nonce>[0-9A-Za-z_-]{16,64})\.(?P<signature>[0-9A-Za-z_-]{43,128})"
)
LONGEST_HEADER = 320

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Signature:
    """What a header said; proves nothing yet."""

    key_id: str
    timestamp: int
    nonce: str
    value: bytes

    def is_recent(self, now: float) -> bool:
        """Made within `WINDOW_SECONDS` of now, by either clock."""
        return abs(now - self.timestamp) <= WINDOW_SECONDS


class Signed(msgspec.Struct, frozen=True):
    """The request that was signed: what of it matters."""

    method: str
    host: str
    target: str  # the path, and what follows `?`, as it was sent
    body: bytes

    def canonical(self, key_id: str, timestamp: int, nonce: str) -> bytes:
        """What is signed."""
        digest = hashlib.sha256(self.body).hexdigest()
        lines = (SCHEME, self.method, bare_host(self.host), self.target, digest, str(timestamp), nonce, key_id)
        return "\n".join(lines).encode()

    def of(self, signature: Signature) -> bytes:
        return self.canonical(signature.key_id, signature.timestamp, signature.nonce)


def read(header: str) -> Signature | None:
    """The signature of a header; None for what has not its shape."""
    found = SENT.fullmatch(header.strip()) if len(header) <= LONGEST_HEADER else None
    if found is None:
        return None
    try:
        value = _from_base64url(found["signature"])
    except (binascii.Error, ValueError):
        return None
    return Signature(found["key_id"], int(found["timestamp"]), found["nonce"], value)


def written(key_id: str, timestamp: int, nonce: str, value: bytes) -> str:
    """A signature as it is sent."""
    return f"v1.{key_id}.{timestamp}.{nonce}.{_base64url(value)}"


def is_by_secret(signed: Signed, signature: Signature, secret: bytes) -> bool:
    """Whether this secret made it (HMAC-SHA-256); compared in constant time."""
    return hmac.compare_digest(hmac.digest(secret, signed.of(signature), "sha256"), signature.value)


def is_by_key(signed: Signed, signature: Signature, key: PublicKey) -> bool:
    """Whether the private half made it: Ed25519, or ECDSA over P-256 with SHA-256 and `r` and `s` of 32 bytes each."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature.value, signed.of(signature))
        else:
            key.verify(_as_der(signature.value), signed.of(signature), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def secret_id(secret: str) -> str:
    """By what a secret is called: 16 hex digits, from which it can't be guessed."""
    return hashlib.sha256(b"cloudlicenses key id\n" + secret.encode()).hexdigest()[:16]


def key_id(public_der: bytes) -> str:
    """By what a public key is called: the SHA-256 of its SubjectPublicKeyInfo, in base64url."""
    return _base64url(hashlib.sha256(public_der).digest())


def public_key_in(pem: str) -> tuple[str, bytes]:
    """Algorithm and SubjectPublicKeyInfo of a public key in PEM; raises ValueError for all but Ed25519 and P-256."""
    try:
        key = load_pem_public_key(pem.encode())
    except Exception as error:  # of cryptography's many, for what is no key of a known kind
        raise ValueError("not a public key in PEM") from error
    return _algorithm_of(key), key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def open_public_key(der: bytes) -> PublicKey:
    """From what `public_key_in` gave."""
    key = load_der_public_key(der)
    _algorithm_of(key)
    return key  # type: ignore[return-value]  # of the two kinds that have a name here


def bare_host(host: str) -> str:
    """In lower case, without port: a proxy may leave that out."""
    name = host.strip().lower()
    return name.rpartition(":")[0] if re.search(r":[0-9]+$", name) else name


def _algorithm_of(key: object) -> str:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ED25519
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return P256
    raise ValueError("neither Ed25519 nor P-256")


def _as_der(raw: bytes) -> bytes:
    if len(raw) != 64:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
