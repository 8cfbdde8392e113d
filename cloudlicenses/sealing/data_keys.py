"""The data keys of an owner (`platform`, `tenant:{id}`, `vendor:{id}`): the one that seals now, and any that still opens.

An owner's highest version seals. Whoever seals holds its row until the transaction ends (FOR SHARE), and whoever retires a former
one changes that row: so when a key is retired, nobody is about to store something that it has sealed, and once a pass has found
nothing of it, it may go. Nobody who seals waits meanwhile: with the next version there, nobody new takes hold of the former one.
Opened keys are remembered by their random id, never by owner: which one is in use is asked each time, as part of the transaction.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from cloudlicenses.kit import clock
from cloudlicenses.kit.remembering import Remembered
from cloudlicenses.sealing import master
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.models import DataKey

PLATFORM = "platform"
KEY_LENGTH = 32
FORGOTTEN_AFTER_SECONDS = 300.0
CHANGED = "data_key"  # as web/wakeups.py tells every process
MOST_REMEMBERED = 1024

IN_USE = """
    SELECT id, wrapped FROM public.sealing_datakey WHERE owner = %s AND retired_at IS NULL ORDER BY version DESC LIMIT 1 FOR SHARE
"""
ADD = """
    INSERT INTO public.sealing_datakey (id, owner, version, wrapped, wrapped_by, created_at)
    VALUES (%s, %s, 1, %s, %s, %s) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A data key ready for use."""

    id: UUID
    owner: str
    cipher: AESGCM = field(repr=False)


_open: Remembered[UUID, OpenKey] = Remembered(most=MOST_REMEMBERED, seconds=FORGOTTEN_AFTER_SECONDS)


def in_use(owner: str) -> OpenKey:
    """The key that seals for this owner until the transaction ends; made now if there is none. Raises outside of a transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A secret is sealed in the transaction that stores it.")
    found = _find_in_use(owner) or _find_in_use(
        owner
    )  # the second look: the first may have met one that was just retired
    if found is None:
        _add_first(owner)
        found = _find_in_use(owner)
    if found is None:
        raise Unsealable(f"{owner} has no data key, and none could be made in this scope")
    key_id, wrapped = found
    return _open.get(key_id, lambda: _unwrapped(owner, key_id, wrapped))


def by_id(key_id: UUID, owner: str) -> OpenKey:
    """A key of this owner, retired or not; raises `Unsealable` for any other, and for one that was destroyed."""
    key = _open.get(key_id, lambda: _read(key_id, owner))
    if key.owner != owner:
        raise Unsealable(f"not a data key of {owner}")
    return key


def lacking_masters() -> list[str]:
    """The marks of master keys that wrap a data key and are not in MASTER_KEY: secrets that can't be opened. In platform scope."""
    wrapping = DataKey.objects.filter(destroyed_at=None).order_by().values_list("wrapped_by", flat=True).distinct()
    return sorted(set(wrapping) - set(master.known()))


def destroy_all_of(owner: str) -> None:
    """Nothing of this owner's can be opened any more. In platform scope."""
    keys = DataKey.objects.filter(owner=owner, destroyed_at=None)
    ids = list(keys.values_list("pk", flat=True))
    keys.update(wrapped=b"", destroyed_at=clock.now())
    for key_id in ids:
        forget(key_id)


def new_wrapped(owner: str) -> tuple[UUID, bytes]:
    """A new key of this owner: its id, and itself wrapped."""
    key_id = uuid4()
    return key_id, master.wrap(os.urandom(KEY_LENGTH), owner=owner, key_id=key_id)


def forget(key_id: UUID) -> None:
    """This process opens the key anew when it is asked for it again, if it still can."""
    _open.forget(key_id)


def _find_in_use(owner: str) -> tuple[UUID, bytes] | None:
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, [owner])
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def _add_first(owner: str) -> None:
    """Of two at once, one stays."""
    key_id, wrapped = new_wrapped(owner)
    with connection.cursor() as cursor:
        cursor.execute(ADD, [key_id, owner, wrapped, master.newest(), clock.now()])


def _read(key_id: UUID, owner: str) -> OpenKey:
    found = DataKey.objects.filter(pk=key_id, owner=owner, destroyed_at=None).values_list("wrapped", flat=True).first()
    if found is None:
        raise Unsealable(f"{owner} has no data key {key_id}")
    return _unwrapped(owner, key_id, bytes(found))


def _unwrapped(owner: str, key_id: UUID, wrapped: bytes) -> OpenKey:
    return OpenKey(key_id, owner, AESGCM(master.unwrap(wrapped, owner=owner, key_id=key_id)))
