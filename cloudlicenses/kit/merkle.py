"""Merkle trees as RFC 9162 has them (section 2.1): leaves and nodes are hashed apart, a tree of any size has one root.

A tree that grows is a `Frontier`: the roots of the perfect subtrees that its leaves fall into, a few dozen hashes whatever its
size. A proof is a list of ranges of leaves, each the hash of a subtree; `pieces` cuts a range into perfect subtrees, for these
never change once they are full and can be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256().digest()
Node = tuple[int, int]  # level (0: a leaf) and how many of that level stand before it
Range = tuple[int, int]  # from this leaf, to before that


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree to which leaves are added. `peaks`: the roots of its perfect subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[tuple[Node, bytes]]:
        """Add the hash of a leaf; the nodes that became full by it, from the leaf up. To be read to its end."""
        level, index, merged = 0, self.size, leaf
        yield (level, index), merged
        while index & 1:
            merged = node_hash(self.peaks.pop(), merged)
            level, index = level + 1, index >> 1
            yield (level, index), merged
        self.peaks.append(merged)
        self.size += 1

    @property
    def root(self) -> bytes:
        return folded(self.peaks)


def folded(peaks: list[bytes]) -> bytes:
    """The root over perfect subtrees, the largest first; that of an empty tree for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def pieces(span: Range) -> list[Node]:
    """The perfect subtrees that make up these leaves, from left to right; the fewest there are."""
    found, (start, end) = [], span
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def hash_of(span: Range, known: Mapping[Node, bytes]) -> bytes:
    """The hash of one subtree of some tree, of the `pieces` of its leaves."""
    return folded([known[node] for node in pieces(span)])


def inclusion_path(index: int, size: int) -> list[Range]:
    """PATH(m, D_n): the subtrees that lead from leaf `index` to the root of a tree of `size`, the lowest first."""
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_path(first: int, second: int) -> list[Range]:
    """PROOF(m, D_n): the subtrees that show the tree of size `first` to be the beginning of that of size `second`."""
    start, end, is_whole, path = 0, second, True, []
    while first != end:
        middle = start + _half(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, is_whole = middle, False
    return [*([] if is_whole else [(start, end)]), *path[::-1]]


def needed_for(spans: Iterable[Range]) -> list[Node]:
    """All nodes that must be known to hash these ranges."""
    return [node for span in spans for node in pieces(span)]


def _half(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
