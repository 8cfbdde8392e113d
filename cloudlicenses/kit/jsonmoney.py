"""JSON in which money keeps its cents: `27000.00` goes out as `27000.00`, and comes back as a `Decimal`.

A float would print `27000.0`, and 0.10 added ten times would not be 1.00. Amounts are `Decimal` with two places
(`money.rounded`) and stay so on the way out and on the way in.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)  # str: Django's lazy texts
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def dumps(value: Any) -> bytes:
    """UTF-8 JSON; a `Decimal` becomes a number with exactly the places it has."""
    return _encoder.encode(value)


def loads(text: bytes | str) -> Any:
    """The value again; numbers with a fraction become `Decimal`. Raises `msgspec.DecodeError`."""
    return _decoder.decode(text)
