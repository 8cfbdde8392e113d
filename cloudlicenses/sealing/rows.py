"""Sealing a secret into its row, and opening it: AES-256-GCM under the owner's data key.

    endpoint.sealed_secret = seal(endpoint, "sealed_secret", secret)      # the column is a SealedField
    secret = unseal(endpoint, "sealed_secret")

A sealed value is bound to owner, table, column and row: copied anywhere else it doesn't open. Works in the present scope (for what
is in a tenant's schema: inside that tenant), by Django's connection: asynchronous code does it in a thread. Sealing needs the
transaction that stores the value.
"""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import models

from cloudlicenses.sealing import data_keys
from cloudlicenses.sealing.fields import sealed_field
from cloudlicenses.sealing.master import Unsealable

VERSION = b"\x02"
ID_LENGTH = 16
NONCE_LENGTH = 12
KEY_ID_AT, NONCE_AT, BODY_AT = 1, 1 + ID_LENGTH, 1 + ID_LENGTH + NONCE_LENGTH


def seal(row: models.Model, column: str, secret: bytes) -> bytes:
    """What to store in this column of this row; its owner's present data key opens it."""
    field = sealed_field(type(row), column)
    return seal_for(field.owner_of(row), field.place_of(row), secret)


def seal_for(owner: str, place: bytes, secret: bytes) -> bytes:
    """For migrations, whose models know nothing of their fields' owners and places (fields.py makes both)."""
    key, nonce = data_keys.in_use(owner), os.urandom(NONCE_LENGTH)
    return VERSION + key.id.bytes + nonce + key.cipher.encrypt(nonce, secret, _bound_to(owner, place))


def unseal(row: models.Model, column: str) -> bytes:
    """The secret in this column of this row; raises `Unsealable`."""
    field, sealed = sealed_field(type(row), column), bytes(getattr(row, column) or b"")
    if sealed[:KEY_ID_AT] != VERSION or len(sealed) < BODY_AT:
        raise Unsealable(f"{row._meta.label}.{column} holds nothing sealed")
    owner = field.owner_of(row)
    key = data_keys.by_id(UUID(bytes=sealed[KEY_ID_AT:NONCE_AT]), owner)
    try:
        return key.cipher.decrypt(sealed[NONCE_AT:BODY_AT], sealed[BODY_AT:], _bound_to(owner, field.place_of(row)))
    except InvalidTag:
        raise Unsealable(f"{row._meta.label}.{column} was sealed for another place, or changed") from None


def _bound_to(owner: str, place: bytes) -> bytes:
    return owner.encode() + b"\0" + place
