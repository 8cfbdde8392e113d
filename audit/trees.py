"""Trees in the database: leaves added at the end, nodes read back for proofs. In the scope where the log stands.

Of the nodes above the leaves, those of every eighth level are kept; what lies between is hashed again, of at most 255 below. So
a proof takes two queries and some hundred rows, whatever the size of the log, and a leaf costs one row and the 256th part of
another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from audit.models import TreeHead, TreeLeaf, TreeNode
from audit.refusals import LogDamaged
from audit.signing import signers_of, statement
from cloudlicenses.kit import merkle
from cloudlicenses.kit.merkle import Frontier, Node, Range

KEPT_LEVELS = 8
ADD_LEAVES = """
    INSERT INTO audit_treeleaf (log, index, entry_id, hash, salt, misdated)
    SELECT %s, %s + n - 1, entry_id, hash, salt, misdated
    FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::text[]) WITH ORDINALITY AS new (entry_id, hash, salt, misdated, n)
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    entry_id: int
    hash: bytes
    salt: bytes
    misdated: str = ""


def newest_head(log: str) -> TreeHead | None:
    return TreeHead.objects.filter(log=log).order_by("-size").first()


def append(log: str, leaves: Sequence[Leaf], *, behind: TreeHead | None, newest_at: datetime | None = None) -> TreeHead:
    """Add leaves behind the newest head, and sign the new one. In a transaction; two at once: one of them fails."""
    size = behind.size if behind else 0
    tree = Frontier(size, peaks_of(log, size))
    full = [found for leaf in leaves for found in tree.add(leaf.hash)]
    _write(log, size, leaves)
    TreeNode.objects.bulk_create(
        TreeNode(log=log, level=level, index=index, hash=digest)
        for (level, index), digest in full
        if level and level % KEPT_LEVELS == 0
    )
    signer = signers_of([log])[log]
    at = signer.now()
    signature = signer.sign(statement(log, tree.size, tree.root, at))
    return TreeHead.objects.create(
        log=log, size=tree.size, root=tree.root, at=at, kid=signer.kid, signature=signature, newest_at=newest_at
    )


def peaks_of(log: str, size: int) -> list[bytes]:
    """The frontier of the tree of that size: its perfect subtrees, the largest first."""
    wanted = merkle.pieces((0, size))
    found = nodes(log, wanted)
    return [found[node] for node in wanted]


def hashes(log: str, spans: Sequence[Range]) -> list[bytes]:
    """The hash of each of these subtrees."""
    known = nodes(log, merkle.needed_for(spans))
    return [merkle.hash_of(span, known) for span in spans]


def nodes(log: str, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """The hashes of full subtrees: at most two queries, whatever is wanted of one tree. Raises `LogDamaged`."""
    by_level: dict[int, list[Range]] = defaultdict(list)
    wanted = list(wanted)
    for level, index in wanted:
        kept, above = _kept_below(level)
        by_level[kept].append((index << above, (index + 1) << above))
    known = _read_leaves(log, by_level.pop(0, [])) | _read_nodes(log, by_level)
    try:
        return {node: _hashed(node, known) for node in wanted}
    except KeyError:
        raise LogDamaged from None


def _kept_below(level: int) -> tuple[int, int]:
    """The kept level at or below this one, and how many levels lie between."""
    return level - level % KEPT_LEVELS, level % KEPT_LEVELS


def _hashed(node: Node, known: dict[Node, bytes]) -> bytes:
    kept, above = _kept_below(node[0])
    row = [known[kept, index] for index in range(node[1] << above, (node[1] + 1) << above)]
    while len(row) > 1:
        row = [merkle.node_hash(*pair) for pair in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _read_leaves(log: str, spans: list[Range]) -> dict[Node, bytes]:
    if not spans:
        return {}
    rows = TreeLeaf.objects.filter(_any_of(spans), log=log).values_list("index", "hash")
    return {(0, index): bytes(digest) for index, digest in rows}


def _read_nodes(log: str, by_level: dict[int, list[Range]]) -> dict[Node, bytes]:
    if not by_level:
        return {}
    of_levels = Q()
    for level, spans in by_level.items():
        of_levels |= Q(level=level) & _any_of(spans)
    rows = TreeNode.objects.filter(of_levels, log=log).values_list("level", "index", "hash")
    return {(level, index): bytes(digest) for level, index, digest in rows}


def _any_of(spans: list[Range]) -> Q:
    found = Q()
    for start, end in spans:
        found |= Q(index__gte=start, index__lt=end)
    return found


def _write(log: str, size: int, leaves: Sequence[Leaf]) -> None:
    columns = [[getattr(leaf, name) for leaf in leaves] for name in ("entry_id", "hash", "salt", "misdated")]
    with connection.cursor() as cursor:
        cursor.execute(ADD_LEAVES, [log, size, *columns])
