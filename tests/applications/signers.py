"""What signs requests in the tests, written from docs/application-security.md and not with the product's own code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import cast
from tests.licensing.workstations import CHECKOUT
from tests.servers import Server


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class BySecret:
    """An application that a vendor has built its secret into."""

    text: str

    @property
    def key_id(self) -> str:
        return hashlib.sha256(b"cloudlicenses key id\n" + self.text.encode()).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self.text.encode(), message, hashlib.sha256).digest()


@dataclass
class ByKey:
    """A workstation with a private key."""

    private: Any = field(default_factory=ed25519.Ed25519PrivateKey.generate)

    @property
    def der(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def key_id(self) -> str:
        return base64url(hashlib.sha256(self.der).digest())

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def p256() -> ByKey:
    return ByKey(ec.generate_private_key(ec.SECP256R1()))


def header(
    signer: BySecret | ByKey, host: str, path: str, body: bytes, *, at: float | None = None, nonce: str = "", method: str = "POST"
) -> str:  # fmt: skip
    moment, nonce = str(int(time.time() if at is None else at)), nonce or secrets.token_urlsafe(16)
    digest = hashlib.sha256(body).hexdigest()
    message = "\n".join(
        ("cloudlicenses-request-v1", method, host.lower().partition(":")[0], path, digest, moment, nonce, signer.key_id)
    )
    return f"v1.{signer.key_id}.{moment}.{nonce}.{base64url(signer.sign(message.encode()))}"


@dataclass
class Client:
    """Calls the plane with whatever headers it is given; signs as it is told."""

    server: Server
    key: str
    application: BySecret | None = None
    device: ByKey | None = None
    fingerprint: str = ""
    label: str = "mercedes"

    def check_out(self, **more: Any) -> httpx.Response:
        return self.call(CHECKOUT, {"product_id": cast.DAVINCI.id, "user": "alice@mercedes.example"} | more)

    def call(self, path: str, body: object) -> httpx.Response:
        return self.send(path, msgspec.json.encode(body), self.headers(path, msgspec.json.encode(body)))

    def headers(self, path: str, body: bytes, *, at: float | None = None, nonce: str = "") -> dict[str, str]:
        """What goes with this body."""
        host = self.server.host_of(self.label)
        signers = {"X-App-Signature": self.application, "X-Device-Signature": self.device}
        signed = {name: header(by, host, path, body, at=at, nonce=nonce) for name, by in signers.items() if by}
        return signed | ({"X-App-Fingerprint": self.fingerprint} if self.fingerprint else {})

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        usual = {
            "Host": self.server.host_of(self.label), "Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
        }  # fmt: skip
        return self.server.client.post(path, content=body, headers=usual | headers)


def code(answer: httpx.Response) -> str:
    """201, or what refused."""
    return str(answer.status_code) if answer.is_success else str(answer.json()["code"])
