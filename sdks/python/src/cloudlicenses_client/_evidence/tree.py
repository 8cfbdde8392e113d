"""Merkle trees (RFC 9162, 2.1) from the reader's side: leaves come one after the other, roots come out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

EMPTY_ROOT = hashlib.sha256().digest()
Node = tuple[int, int]  # level (0: a leaf) and how many of that level stand before it


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def pieces(start: int, end: int) -> list[Node]:
    """The perfect subtrees that make up these leaves, from left to right."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


class GrowingTree:
    """A tree of which the first `size` leaves are known by the roots of their perfect subtrees alone."""

    def __init__(self, size: int, peaks: list[bytes]) -> None:
        self.size = size
        self._peaks = list(peaks)

    def add(self, leaf: bytes) -> None:
        index = self.size
        while index & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            index >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self, after: list[bytes], size: int) -> bytes:
        """Of the tree of `size`, of which `after` are the perfect subtrees behind those added."""
        known = dict(zip([*pieces(0, self.size), *pieces(self.size, size)], [*self._peaks, *after]))
        return _root(known, 0, size)


def _root(known: Mapping[Node, bytes], start: int, end: int) -> bytes:
    if start == end:
        return EMPTY_ROOT
    count = end - start
    level = count.bit_length() - 1
    if count == 1 << level and (level, start >> level) in known:
        return known[level, start >> level]
    middle = start + (1 << (count - 1).bit_length() - 1)
    return node_hash(_root(known, start, middle), _root(known, middle, end))
