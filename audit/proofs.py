"""What a log can prove: that an entry is in it, and that it only grew. In the scope where the log stands; see RFC 9162, 2.1.

Whoever asks checks the answer against a signed head, best one kept from earlier; nothing here need be believed.
"""

from __future__ import annotations

from typing import Any

from audit import leaves, signing, trees
from audit.models import AuditEntry, TreeHead, TreeLeaf
from audit.refusals import NoSuchHead, NotSealedYet
from cloudlicenses.kit import merkle
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.refusals import NotFound


def shown_head(head: TreeHead) -> dict[str, Any]:
    return {
        "log": head.log,
        "size": head.size,
        "root": bytes(head.root).hex(),
        "at": rfc3339(head.at),
        "kid": head.kid,
        "signature": signing.base64url(bytes(head.signature)),
    }


def head_of(log: str, size: int | None = None) -> TreeHead:
    """The newest head, or that of a size; raises `NoSuchHead`."""
    head = trees.newest_head(log) if size is None else TreeHead.objects.filter(log=log, size=size).first()
    if head is None:
        raise NoSuchHead
    return head


def of_entry(log: str, entry_id: int, size: int | None = None) -> dict[str, Any]:
    """That an entry is in the log of the newest head, or of that of a size.

    Raises `NotFound` for an entry that isn't of this log, `NotSealedYet`, `NoSuchHead`.
    """
    leaf = TreeLeaf.objects.filter(log=log, entry_id=entry_id).first()
    entry = AuditEntry.objects.filter(pk=entry_id).first()
    if leaf is None and entry is None:
        raise NotFound
    head = head_of(log, size)
    if leaf is None or leaf.index >= head.size:
        raise NotSealedYet
    path = trees.hashes(log, merkle.inclusion_path(leaf.index, head.size))
    return shown_leaf(leaf, entry) | {"log": log, "path": [digest.hex() for digest in path], "head": shown_head(head)}


def of_growth(log: str, first: int, second: int | None = None) -> dict[str, Any]:
    """That the log of size `first` is the beginning of that of size `second`; raises `NoSuchHead`."""
    heads = head_of(log, first), head_of(log, second)
    if heads[0].size > heads[1].size:
        raise NoSuchHead("The first size must not be larger than the second.")
    path = trees.hashes(log, merkle.consistency_path(heads[0].size, heads[1].size))
    return {
        "log": log,
        "first": shown_head(heads[0]),
        "second": shown_head(heads[1]),
        "path": [digest.hex() for digest in path],
    }


def shown_leaf(leaf: TreeLeaf, entry: AuditEntry | None) -> dict[str, Any]:
    """A leaf with the entry that it stands for, as much of it as there is: the personal part may be erased."""
    said: dict[str, Any] = {"index": leaf.index, "leaf": bytes(leaf.hash).hex(), "id": f"evt-{leaf.entry_id}"}
    said |= {"misdated": leaf.misdated} if leaf.misdated else {}
    if entry is None:
        return said | {"entry": None}
    if leaf.salt is None:
        return said | {"entry": leaves.plain(entry, leaf.log), "erased": bytes(leaf.erased or b"").hex()}
    return said | {"entry": leaves.plain(entry, leaf.log) | leaves.personal(entry), "salt": bytes(leaf.salt).hex()}
