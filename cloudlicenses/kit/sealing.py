"""Sealing small secrets with the master key: AES-256-GCM, a key of its own for each purpose (HKDF-SHA-256).

`MASTER_KEY` may list several keys, newest first: the first seals, all open. So a rotation is: put the new key in front,
reseal what is stored (`manage.py rotate_master_key`), take the old one away.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
MARK_LENGTH = 4
NONCE_LENGTH = 12


class Unsealable(Exception):
    """The text was not sealed by any of our master keys for this purpose and place, or was changed."""


def seal(secret: bytes, *, purpose: str, place: str = "") -> bytes:
    """Encrypt and authenticate; `place` (a row's id, say) is bound in, so that a sealed text can't be moved elsewhere."""
    master = settings.MASTER_KEYS[0]
    nonce = os.urandom(NONCE_LENGTH)
    body = AESGCM(_key(master, purpose)).encrypt(nonce, secret, place.encode())
    return VERSION + _mark(master) + nonce + body


def unseal(sealed: bytes, *, purpose: str, place: str = "") -> bytes:
    """The secret again; raises `Unsealable`."""
    version, rest = sealed[:1], sealed[1:]
    mark, nonce, body = (
        rest[:MARK_LENGTH],
        rest[MARK_LENGTH : MARK_LENGTH + NONCE_LENGTH],
        rest[MARK_LENGTH + NONCE_LENGTH :],
    )
    for master in settings.MASTER_KEYS:
        if version == VERSION and _mark(master) == mark:
            try:
                return AESGCM(_key(master, purpose)).decrypt(nonce, body, place.encode())
            except InvalidTag:
                break
    raise Unsealable(purpose)


def is_sealed_with_newest(sealed: bytes) -> bool:
    """Whether nothing would be gained by sealing this again."""
    return sealed[1 : 1 + MARK_LENGTH] == _mark(settings.MASTER_KEYS[0])


def _key(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cloudlicenses/" + purpose.encode()).derive(master)


def _mark(master: bytes) -> bytes:
    return hashlib.sha256(b"mark" + master).digest()[:MARK_LENGTH]
