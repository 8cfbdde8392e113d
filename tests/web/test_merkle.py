"""Merkle trees, against the vectors that Certificate Transparency's implementations share, and against RFC 9162's own
definition.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlicenses.kit import merkle

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"],
    (5, 8): ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1],
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
}  # fmt: skip
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", ROOTS[4]],
    (2, 5): INCLUSION[1, 5][1:],
}  # fmt: skip


def grown(leaves: list[bytes]) -> tuple[list[bytes], dict[merkle.Node, bytes]]:
    """The root at each size, and all nodes that are full."""
    tree = merkle.Frontier()
    known: dict[merkle.Node, bytes] = {}
    roots = [tree.root]
    for leaf in leaves:
        known.update(tree.add(merkle.leaf_hash(leaf)))
        roots.append(tree.root)
    return roots, known


def defined(leaves: list[bytes]) -> bytes:
    """MTH, word for word as RFC 9162 has it."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return merkle.leaf_hash(leaves[0])
    k = max(2**n for n in range(len(leaves)) if 2**n < len(leaves))
    return merkle.node_hash(defined(leaves[:k]), defined(leaves[k:]))


KNOWN_ROOTS, KNOWN = grown([bytes.fromhex(leaf) for leaf in LEAVES])


def test_roots_are_the_known_ones() -> None:
    assert [root.hex() for root in KNOWN_ROOTS] == ROOTS


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_paths_are_the_known_ones(index: int, size: int) -> None:
    path = [merkle.hash_of(span, KNOWN).hex() for span in merkle.inclusion_path(index, size)]
    assert path == INCLUSION[index, size]


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_consistency_paths_are_the_known_ones(first: int, second: int) -> None:
    path = [merkle.hash_of(span, KNOWN).hex() for span in merkle.consistency_path(first, second)]
    assert path == CONSISTENCY[first, second]


@given(st.integers(0, 200))
def test_any_root_is_as_defined(size: int) -> None:
    leaves = [bytes([n]) for n in range(size)]
    assert grown(leaves)[0][-1] == defined(leaves)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_pieces_cover_their_range_once(one: int, other: int) -> None:
    start, end = sorted((one, other))
    ends = [start]
    for level, index in merkle.pieces((start, end)):
        assert index << level == ends[-1]
        ends.append((index + 1) << level)
    assert ends[-1] == end
