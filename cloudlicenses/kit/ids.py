"""Opaque ids with a prefix that says what they name: `lease-…`, `key-…`, `evt-…`."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
AS_LETTERS = (ALPHABET * 8).encode()  # 256 bytes, each letter equally often


def new_id(prefix: str, *, length: int = 20) -> str:
    """A fresh id: `length` characters carry 5 random bits each (20 characters: 100 bits)."""
    return f"{prefix}-{secrets.token_bytes(length).translate(AS_LETTERS).decode()}"
