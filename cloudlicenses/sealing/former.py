"""What was sealed with the master key itself, before there were data keys: sealed again by the migrations of its tables.

Each table's migration is one transaction and is recorded in its schema, so a run over many tenants goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from cloudlicenses.sealing import fields, rows
from cloudlicenses.sealing.data_keys import PLATFORM
from cloudlicenses.sealing.master import Unsealable

VERSION = b"\x01"
NONCE_AT, BODY_AT = 5, 17
TENANT = "tenant_"

Reseal = Callable[[Any, Any], None]


def resealed(
    app: str,
    model: str,
    column: str,
    *,
    purpose: str,
    place: Callable[[Any, str], str],
    vendor: Callable[[Any], str],
    row: Callable[[Any], str] = lambda row: str(row.pk),
) -> Reseal:
    """For RunPython. `purpose` and `place` (of a row and its schema) are the former ones; `vendor` and `row` as in SealedField."""

    def reseal(apps: Any, schema_editor: Any) -> None:
        schema = schema_editor.connection.schema_name
        kind = apps.get_model(app, model)
        for one in kind.objects.exclude(**{f"{column}__isnull": True}).iterator(chunk_size=500):
            text = bytes(getattr(one, column))
            if text[:1] == VERSION:
                secret = unseal(text, purpose=purpose, place=place(one, schema))
                bound_to = fields.place(kind._meta.db_table, column, row(one))
                sealed = rows.seal_for(_owner(schema, vendor(one)), bound_to, secret)
                kind.objects.filter(pk=one.pk).update(**{column: sealed})

    return reseal


def unseal(text: bytes, *, purpose: str, place: str) -> bytes:
    for master in settings.MASTER_KEYS:
        if hashlib.sha256(b"mark" + master).digest()[:4] == text[1:NONCE_AT]:
            info = b"cloudlicenses/" + purpose.encode()
            key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)
            try:
                return AESGCM(key).decrypt(text[NONCE_AT:BODY_AT], text[BODY_AT:], place.encode())
            except InvalidTag:
                break
    raise Unsealable(purpose)


def _owner(schema: str, vendor_id: str) -> str:
    if schema.startswith(TENANT):
        return f"tenant:{schema.removeprefix(TENANT)}"
    return f"vendor:{vendor_id}" if vendor_id else PLATFORM
