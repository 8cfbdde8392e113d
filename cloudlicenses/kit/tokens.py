"""Keys and tokens as text: `{prefix}_{owner}_{secret}{checksum}`.

The secret has 256 random bits in base 62 (43 characters); the checksum (6 characters, CRC-32) lets a typing mistake or a secret
scanner's false alarm be told without asking the database. `PATTERN` is published for scanners, at /.well-known/key-patterns.json.
What is stored is an HMAC-SHA-256 under a key from SECRET_KEY: a slow hash protects passwords, not random keys.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6
KINDS = {"clsk": "an application's key", "clvk": "a vendor system's key", "clpt": "a person's token"}
_NICKNAMES = secrets.token_bytes(32)
SHAPE = re.compile(r"(?P<prefix>[a-z]{4})_(?P<owner>[a-z0-9][a-z0-9-]{0,39})_(?P<secret>[0-9A-Za-z]{49})")
PATTERN = rf"\b(?:{'|'.join(KINDS)})_[a-z0-9][a-z0-9-]{{0,39}}_[0-9A-Za-z]{{49}}\b"


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token: `text` is shown once, `digest` is stored, `hint` (its end) tells it from others in a list."""

    text: str
    digest: str
    hint: str

    def __repr__(self) -> str:
        return f"Minted(…{self.hint})"


def mint(prefix: str, owner: str) -> Minted:
    """A new token of this kind (one of `KINDS`) for this owner."""
    body = f"{prefix}_{owner}_" + "".join(secrets.choice(DIGITS) for _ in range(SECRET_LENGTH))
    text = body + _checksum(body)
    return Minted(text=text, digest=digests(text)[0], hint=text[-4:])


def owner_in(text: str, prefix: str) -> str | None:
    """Whose token this says it is; None if it has another shape, prefix or checksum. Proves nothing yet."""
    said = read(text)
    return said[1] if said is not None and said[0] == prefix else None


def read(text: str) -> tuple[str, str] | None:
    """Prefix and owner that a token says it has; None for what has not the shape of one, or was mistyped."""
    match = SHAPE.fullmatch(text)
    if match is None or _checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return match["prefix"], match["owner"]


def digests(text: str) -> list[str]:
    """What to look for in the database: under the present SECRET_KEY first, then under the former ones."""
    return [hmac.digest(key, text.encode(), "sha256").hex() for key in _keys()]


def nickname(text: str) -> str:
    """What this process may remember a token by: quick to say, of no use to anybody else, and gone with the process."""
    return hashlib.blake2b(text.encode(), key=_NICKNAMES, digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def _keys() -> list[bytes]:
    return [
        hmac.new(key.encode(), b"keys and tokens", hashlib.sha256).digest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
