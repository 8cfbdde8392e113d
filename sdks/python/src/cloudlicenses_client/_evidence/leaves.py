"""What a leaf is the hash of: an audit entry, what is personal in it behind a salted commitment; or a line of the usage ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .heads import canonical
from .tree import leaf_hash

PERSONAL = ("actor_id", "actor_label", "subject_id", "ip", "hostname", "fingerprint", "user_agent", "facts")


def leaf_of(kind: str, log: str, line: Mapping[str, Any]) -> bytes:
    """The hash that this line's entry ought to have; raises `KeyError`, `ValueError` for a line that lacks something."""
    entry = {**line["entry"], "log": log}
    if kind == "bill":
        return leaf_hash(canonical(entry))
    plain = {name: value for name, value in entry.items() if name not in PERSONAL}
    return leaf_hash(canonical({**plain, "personal": _commitment(entry, line)}))


def _commitment(entry: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    if "erased" in line:
        return str(line["erased"])
    personal = {name: entry[name] for name in PERSONAL}
    return hashlib.sha256(bytes.fromhex(line["salt"]) + canonical(personal)).hexdigest()
