"""A log as a file that proves itself: JSON Lines for `cloudlicenses audit verify`, read by nobody's leave and without a server.

The first line names the log, the part of it that follows, and what is needed to reach the head's root from that part. Then one
line a leaf, in the tree's order, with its entry; then entries that have no leaf (the newest, for some seconds; others should
not be there), when the part goes to the end; then signed heads on the way, the newest last. Nothing is held in memory but a
batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from audit import leaves, proofs, trees
from audit.models import AuditEntry, TreeHead, TreeLeaf
from audit.refusals import UnfitPart
from audit.sealing import PLATFORM_LOG
from cloudlicenses.kit import merkle

FORMAT = "cloudlicenses-log-v1"
BATCH = 1_000
MOST_HEADS = 500
UNSEALED = """
    SELECT id FROM audit_auditentry entry
    WHERE {of_log} AND NOT EXISTS (SELECT FROM audit_treeleaf leaf WHERE leaf.entry_id = entry.id) ORDER BY id LIMIT {most}
"""

HEADS = """
    SELECT DISTINCT head.size FROM generate_series(%(first)s::bigint, %(before)s::bigint, %(step)s::bigint) AS wanted (size),
           LATERAL (SELECT size FROM audit_treehead WHERE log = %(log)s AND size >= wanted.size ORDER BY size LIMIT 1) head
     WHERE head.size < %(before)s
"""


def lines(log: str, start: int = 0, end: int | None = None) -> Iterator[list[dict[str, Any]]]:
    """The leaves from `start` to before `end` (all there are), in batches of lines, each read in the scope of that moment.

    Raises `NoSuchHead`, `UnfitPart`.
    """
    head = proofs.head_of(log)
    end = head.size if end is None else end
    if not 0 <= start <= end <= head.size:
        raise UnfitPart(f"Of this log's {head.size} leaves, from {start} to {end} is no part.")
    yield [_opening(head, start, end)]
    for first in range(start, end, BATCH):
        yield _leaves(log, first, min(first + BATCH, end))
    if end == head.size:
        yield [{"type": "unsealed", "id": f"evt-{entry.pk}", "entry": _whole(entry, log)} for entry in _unsealed(log)]
    yield [{"type": "head", **proofs.shown_head(one)} for one in [*_heads_between(log, start, head.size), head]]


def as_text(batch: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in batch).encode("utf-8", "surrogatepass")


def _opening(head: TreeHead, start: int, end: int) -> dict[str, Any]:
    before, after = merkle.pieces((0, start)), merkle.pieces((end, head.size))
    known = trees.nodes(head.log, [*before, *after])
    return {
        "type": "log",
        "format": FORMAT,
        "kind": "audit",
        "log": head.log,
        "from": start,
        "to": end,
        "size": head.size,
        "before": [known[node].hex() for node in before],
        "after": [known[node].hex() for node in after],
    }


def _leaves(log: str, start: int, end: int) -> list[dict[str, Any]]:
    found = list(TreeLeaf.objects.filter(log=log, index__gte=start, index__lt=end).order_by("index"))
    entries = AuditEntry.objects.in_bulk([leaf.entry_id for leaf in found])
    return [{"type": "leaf", **proofs.shown_leaf(leaf, entries.get(leaf.entry_id))} for leaf in found]


def _heads_between(log: str, start: int, size: int) -> list[TreeHead]:
    """Spread over the part: with them a verifier can say when something was changed. Of a busy log's millions each is looked up by
    its size."""
    step = (size - start) // MOST_HEADS + 1
    with connection.cursor() as cursor:
        cursor.execute(HEADS, {"log": log, "first": start + 1, "before": size, "step": step})
        sizes = [row[0] for row in cursor.fetchall()]
    return list(TreeHead.objects.filter(log=log, size__in=sizes).order_by("size"))


def _unsealed(log: str) -> Iterable[AuditEntry]:
    kind, _, name = log.partition("/")
    of_log = {"tenant": "true", "vendor": "vendor_id = %s", PLATFORM_LOG: "vendor_id = ''"}[kind]
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED.format(of_log=of_log, most=BATCH), [name] if kind == "vendor" else [])
        numbers = [row[0] for row in cursor.fetchall()]
    return AuditEntry.objects.filter(pk__in=numbers).order_by("pk")


def _whole(entry: AuditEntry, log: str) -> dict[str, Any]:
    return leaves.plain(entry, log) | leaves.personal(entry)
