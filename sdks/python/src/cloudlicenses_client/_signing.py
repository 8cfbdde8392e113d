"""Signing requests: what is signed, and the wire that signs whatever travels over it.

Each try is signed anew: a nonce passes once, and a signature is believed for a minute. The application's secret and the device's
key sign in headers of their own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import httpx

from ._clock import Clock
from ._wire import Answer, Request, Wire

SCHEME = "cloudlicenses-request-v1"
APPLICATION, DEVICE = "X-App-Signature", "X-Device-Signature"


class Signer(Protocol):
    """What signs: a secret or a private key, and by what it is called."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True)
class ApplicationSecret:
    """What the vendor has built into the application."""

    text: str = field(repr=False)

    @property
    def key_id(self) -> str:
        return hashlib.sha256(b"cloudlicenses key id\n" + self.text.encode()).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self.text.encode(), message, hashlib.sha256).digest()


@dataclass(frozen=True)
class SigningWire:
    """Carries requests on another wire, signed by each of the signers; `signers` names the header of each."""

    wire: Wire
    server_url: str
    signers: Mapping[str, Signer]
    clock: Clock

    async def send(self, request: Request) -> Answer:
        if "Authorization" in request.headers:
            request = signed(request, self.server_url, self.signers, at=int(self.clock.wall()))
        return await self.wire.send(request)

    async def pause(self, seconds: float) -> None:
        await self.wire.pause(seconds)


def signed(request: Request, server_url: str, signers: Mapping[str, Signer], *, at: int) -> Request:
    """The request with a fresh signature of each signer."""
    headers = dict(request.headers)
    for name, signer in signers.items():
        nonce = secrets.token_urlsafe(18)
        signature = signer.sign(canonical(request, server_url, at, nonce, signer.key_id))
        headers[name] = f"v1.{signer.key_id}.{at}.{nonce}.{base64url(signature)}"
    return replace(request, headers=headers)


def canonical(request: Request, server_url: str, at: int, nonce: str, key_id: str) -> bytes:
    """What is signed, as the server's guide to application security says."""
    url = httpx.URL(server_url + request.path)
    digest = hashlib.sha256(request.body or b"").hexdigest()
    host, target = url.raw_host.decode("ascii").lower(), url.raw_path.decode("ascii")
    return "\n".join((SCHEME, request.method, host, target, digest, str(at), nonce, key_id)).encode()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
