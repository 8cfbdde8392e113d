"""Signed tree heads: who signed them, and what over."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .findings import Unreadable

DOMAIN = b"cloudlicenses tree head v1\n"


@dataclass(frozen=True)
class Key:
    """A public key, and when it was the log's; what it signs at another time was signed by whoever has it, not by the log."""

    public: Ed25519PublicKey
    since: datetime | None = None
    until: datetime | None = None

    def was_in_use(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


Keys = Mapping[str, Key]


@dataclass(frozen=True)
class Head:
    log: str
    size: int
    root: bytes
    at: str
    kid: str
    signature: bytes

    def trouble_with_signature(self, keys: Keys) -> str:
        """Empty if one of the keys signed it."""
        if self.kid not in keys:
            return f"The head of size {self.size} is signed by the key {self.kid}, which you don't trust."
        said = {"log": self.log, "size": self.size, "root": self.root.hex(), "at": self.at}
        try:
            keys[self.kid].public.verify(self.signature, DOMAIN + canonical(said))
        except InvalidSignature:
            return (
                f"The head of size {self.size} ({self.at}) is not signed by the log's key: it was made up or changed."
            )
        if not keys[self.kid].was_in_use(instant(self.at)):
            return f"The head of size {self.size} ({self.at}) is signed by the key {self.kid}, whose time that was not."
        return ""


def canonical(value: Any) -> bytes:
    """JSON in the one way that it is hashed and signed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def head_from(said: Mapping[str, Any]) -> Head:
    """Raises `Unreadable`."""
    try:
        return Head(
            log=str(said["log"]), size=int(said["size"]), root=bytes.fromhex(said["root"]), at=str(said["at"]),
            kid=str(said["kid"]), signature=unbase64(said["signature"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"this is no tree head: {error!r}") from None


def heads_from(paths: Iterable[str]) -> list[Head]:
    """Heads that were kept: each file one head, a list of them, a page of the feed, or a line each."""
    found = []
    for path in paths:
        try:
            for one in _said(_text(path)):
                each = one.get("data", [one]) if isinstance(one, dict) else one
                found += [head_from(head) for head in each if head.get("type", "head") == "head"]
        except (AttributeError, TypeError, ValueError) as error:
            raise Unreadable(f"{path} holds no tree heads: {error!r}") from None
    return found


def keys_from(path: str) -> Keys:
    """A JWK set, as a log's host publishes it."""
    try:
        jwks = json.loads(_text(path))
        return {key["kid"]: _key_from(key) for key in jwks["keys"]}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"{path} is no set of public keys: {error!r}") from None


def instant(text: str) -> datetime:
    """Raises `Unreadable`."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Unreadable(f"{text!r} is no time") from None
    if found.tzinfo is None:
        raise Unreadable(f"{text!r} is a time without a zone")
    return found


def _key_from(said: Mapping[str, Any]) -> Key:
    """Sets kept from before keys had their times say none: such a key is good for any."""
    since, until = (instant(text) if (text := said.get(name)) else None for name in ("valid_from", "valid_until"))
    return Key(Ed25519PublicKey.from_public_bytes(unbase64(said["x"])), since, until)


def unbase64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _said(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}") from None
