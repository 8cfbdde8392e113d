"""A page takes as long as its work, not as where in a chunk of frames its loops happen to stand. Counted in pages of memory."""

from __future__ import annotations

import resource
from collections.abc import Callable

from cloudlicenses.kit.depth import with_room

DEEPEST, TURNS = 200, 500


def leaf(a: int = 0, b: int = 0, c: int = 0) -> int:
    return a + b + c


def loop_at(depth: int) -> None:
    """So deep, call something again and again."""
    if depth:
        return loop_at(depth - 1)
    for _ in range(TURNS):
        leaf()
    return None


def most_memory_asked_for(run: Callable[[int], None]) -> int:
    """At the depth where it is worst: how many pages of memory the system had to find."""
    run(DEEPEST)
    asked = []
    for depth in range(DEEPEST):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        run(depth)
        asked.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)
    return max(asked)


def test_a_loop_asks_for_memory_once_at_any_depth() -> None:
    """Without room, CPython 3.11 asks at each turn; later ones may not, and then cloudlicenses/kit/depth.py may go."""
    assert most_memory_asked_for(with_room(loop_at)) < TURNS / 5


def test_what_goes_in_and_comes_out_is_the_functions_own() -> None:
    assert with_room(leaf)(1, c=2) == 3
    assert with_room(leaf).__name__ == "leaf"
