"""Wrapping data keys with the master key: AES-256-GCM under a key derived from it (HKDF-SHA-256), bound to their owner and id.

`MASTER_KEY` may list several keys: the first wraps, all open. cloudlicenses/rotation/masters.py takes a new one into use.
"""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK_LENGTH = 4
NONCE_LENGTH = 12
PURPOSE = b"cloudlicenses/data keys"


class Unsealable(Exception):
    """Not sealed by us for this owner and place, or changed since; or what would open it is not there any more."""


class MasterKeyMissing(Unsealable):
    """A data key is wrapped by a master key that MASTER_KEY doesn't list."""


def wrap(data_key: bytes, *, owner: str, key_id: UUID) -> bytes:
    """By the newest master key; opens for this owner and id alone."""
    master, nonce = settings.MASTER_KEYS[0], os.urandom(NONCE_LENGTH)
    return _mark_of(master) + nonce + AESGCM(_derived(master)).encrypt(nonce, data_key, _bound_to(owner, key_id))


def unwrap(wrapped: bytes, *, owner: str, key_id: UUID) -> bytes:
    """The data key; raises `MasterKeyMissing`, `Unsealable`."""
    mark, nonce = wrapped[:MARK_LENGTH], wrapped[MARK_LENGTH : MARK_LENGTH + NONCE_LENGTH]
    master = next((master for master in settings.MASTER_KEYS if _mark_of(master) == mark), None)
    if master is None:
        raise MasterKeyMissing(f"MASTER_KEY does not list the key {mark.hex()} that wraps {owner}'s data key {key_id}")
    try:
        body = wrapped[MARK_LENGTH + NONCE_LENGTH :]
        return AESGCM(_derived(master)).decrypt(nonce, body, _bound_to(owner, key_id))
    except InvalidTag:
        raise Unsealable(f"{owner}'s data key {key_id} was changed") from None


def newest() -> str:
    """The mark of the master key that wraps now: it tells keys apart and says nothing about them."""
    return _mark_of(settings.MASTER_KEYS[0]).hex()


def known() -> list[str]:
    """The marks of all master keys that open, newest first."""
    return [_mark_of(master).hex() for master in settings.MASTER_KEYS]


def _mark_of(master: bytes) -> bytes:
    return hashlib.sha256(b"mark" + master).digest()[:MARK_LENGTH]


def _derived(master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(master)


def _bound_to(owner: str, key_id: UUID) -> bytes:
    return f"{owner}\0{key_id}".encode()
