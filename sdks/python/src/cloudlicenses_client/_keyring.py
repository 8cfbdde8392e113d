"""The server's public keys: `/.well-known/jwks.json`, kept on disk for a start without network.

A key that isn't known yet makes the set be fetched again, so keys rotate without anybody noticing. Of the set only Ed25519 keys
are read; whatever else the server may publish is for others.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ._cache import Cache
from ._clock import Clock
from ._errors import LeaseTokenError, ServerError, ServerUnreachableError

# A key the server has withdrawn is forgotten after this long.
FRESH_SECONDS = 24 * 3600.0

_X = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in base64url

Fetch = Callable[[], Awaitable[dict[str, Any]]]


class Keyring:
    """Ed25519 keys by key id."""

    def __init__(self, server_url: str, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._name = hashlib.sha256(server_url.encode()).hexdigest()[:32] + ".jwks.json"
        self._document: dict[str, Any] = cache.load(self._name) or {}

    def known(self, key_id: str) -> Ed25519PublicKey:
        """The key out of what is at hand, without network; raises `LeaseTokenError`."""
        key = _ed25519_keys(self._document).get(key_id)
        if key is None:
            # Another process of this application may have fetched it since.
            self._document = self._cache.load(self._name) or self._document
            key = _ed25519_keys(self._document).get(key_id)
        if key is None:
            raise LeaseTokenError("The lease is signed with a key the server does not publish.")
        return key

    async def find(self, key_id: str, fetch: Fetch) -> Ed25519PublicKey:
        """The key, from the server if it isn't at hand or is no longer fresh; an unreachable server leaves what is at hand."""
        if not self._is_fresh() or key_id not in _ed25519_keys(self._document):
            try:
                self._remember(await fetch())
            except (ServerUnreachableError, ServerError):
                if key_id not in _ed25519_keys(self._document):
                    raise
        return self.known(key_id)

    def _is_fresh(self) -> bool:
        fetched_at = self._document.get("fetched_at")
        return isinstance(fetched_at, (int, float)) and 0 <= self._clock.wall() - fetched_at < FRESH_SECONDS

    def _remember(self, jwks: dict[str, Any]) -> None:
        self._document = {"keys": _ed25519_jwks(jwks), "fetched_at": self._clock.wall()}
        self._cache.store(self._name, self._document)


def _ed25519_keys(document: dict[str, Any]) -> dict[str, Ed25519PublicKey]:
    return {jwk["kid"]: Ed25519PublicKey.from_public_bytes(_raw(jwk["x"])) for jwk in _ed25519_jwks(document)}


def _ed25519_jwks(document: dict[str, Any]) -> list[dict[str, str]]:
    published = document.get("keys")
    return [
        {name: jwk[name] for name in ("kty", "crv", "kid", "x")}
        for jwk in (published if isinstance(published, list) else [])
        if isinstance(jwk, dict) and jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519"
        if isinstance(jwk.get("kid"), str) and isinstance(jwk.get("x"), str) and _X.fullmatch(jwk["x"])
    ]


def _raw(x: str) -> bytes:
    return base64.urlsafe_b64decode(x + "=")
