"""JSON in the one way it can be written, so that it can be hashed and signed: UTF-8, names sorted, nothing between."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Texts, whole numbers, true, false, null, lists and objects of them, as RFC 8785 writes them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
