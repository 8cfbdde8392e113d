"""Signs the load's requests as an application and its workstation would, just before they are sent."""

from __future__ import annotations

import hmac
import secrets
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.scenario import Site
from cloudlicenses.kit import signatures
from cloudlicenses.kit.signatures import Signed


class Signers:
    """Of one site. Without a secret or a device it signs nothing."""

    def __init__(self, site: Site) -> None:
        self._host, self._secret = site.host, site.secret.encode()
        self._secret_id = signatures.secret_id(site.secret)
        self._device = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(site.device)) if site.device else None
        self._device_id = signatures.key_id(public_der(self._device)) if self._device else ""

    def sign(self, text: bytes) -> bytes:
        """The request with its signatures among its headers."""
        if not self._secret and not self._device:
            return text
        head, _, body = text.partition(b"\r\n\r\n")
        method, target, _ = head.split(b" ", 2)
        signed = Signed(method.decode(), self._host, target.decode(), body)
        at = int(time.time())
        if self._secret:
            nonce = secrets.token_urlsafe(16)
            made = hmac.digest(self._secret, signed.canonical(self._secret_id, at, nonce), "sha256")
            head += _header("X-App-Signature", self._secret_id, at, nonce, made)
        if self._device:
            nonce = secrets.token_urlsafe(16)
            made = self._device.sign(signed.canonical(self._device_id, at, nonce))
            head += _header("X-Device-Signature", self._device_id, at, nonce, made)
        return head + b"\r\n\r\n" + body


def public_der(device: Ed25519PrivateKey) -> bytes:
    return device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _header(name: str, key_id: str, at: int, nonce: str, signature: bytes) -> bytes:
    return f"\r\n{name}: {signatures.written(key_id, at, nonce, signature)}".encode()
