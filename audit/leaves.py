"""What a leaf of a log's tree says of an entry: all of it, what is personal behind a salted commitment.

The commitment lets the personal part of an entry be erased, salt included, without a trace of what it said, while the tree that
it is sealed in stays good (docs/decisions/0025). Whoever reads the entry is given the salt with it and can see that it fits.
"""

from __future__ import annotations

import hashlib
from typing import Any

from audit.models import AuditEntry
from cloudlicenses.kit import merkle
from cloudlicenses.kit.canonical import canonical
from cloudlicenses.kit.clock import rfc3339

SALT_LENGTH = 16
PLAIN = ("event", "result", "code", "actor_kind", "subject_kind", "vendor_id", "key_id", "request_id")
PERSONAL = ("actor_id", "actor_label", "subject_id", "ip", "hostname", "fingerprint", "user_agent", "facts")


def plain(entry: AuditEntry, log: str) -> dict[str, Any]:
    """What stays. The log is named, so that no entry can be passed off as another log's."""
    said = {name: getattr(entry, name) for name in PLAIN}
    return said | {"log": log, "id": f"evt-{entry.pk}", "at": rfc3339(entry.at)}


def personal(entry: AuditEntry) -> dict[str, Any]:
    """What can be erased."""
    return {name: getattr(entry, name) for name in PERSONAL}


def commitment(entry: AuditEntry, salt: bytes) -> bytes:
    return hashlib.sha256(salt + canonical(personal(entry))).digest()


def leaf_of(entry: AuditEntry, log: str, salt: bytes) -> bytes:
    """The hash that goes into the tree."""
    return merkle.leaf_hash(canonical(plain(entry, log) | {"personal": commitment(entry, salt).hex()}))
