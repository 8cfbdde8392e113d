"""A license's seats as a picture: which are in use, which are free, where commit ends and overage begins.

Numbers only, in units of a bar that is `WIDTH` wide; the template draws them as SVG, since the site allows no inline style.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 1000.0
MOST_SINGLE_SEATS = 60
WIDEST_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Block:
    """`x` and `width` as text: a template would write them in the reader's language."""

    kind: str
    x: str
    width: str


def blocks_of(*, commit_held: int, commit_qty: int, overage_held: int, max_overage: int) -> list[Block]:
    """One block a seat, or one a kind when there are many."""
    # From left to right; nothing is drawn for seats that the contract's two parts leave out.
    amounts = {
        "commit-used": commit_held,
        "commit-free": max(0, commit_qty - commit_held),
        "overage-used": overage_held,
        "overage-free": max(0, max_overage - overage_held),
    }
    total = max(sum(amounts.values()), 1)
    if total <= MOST_SINGLE_SEATS:
        return list(_single_seats(amounts, WIDTH / total))
    return list(_stretches(amounts, WIDTH / total))


def _single_seats(amounts: dict[str, int], step: float) -> Iterator[Block]:
    kinds = [kind for kind, amount in amounts.items() for _ in range(amount)]
    gap = min(step / 8, WIDEST_GAP)
    for number, kind in enumerate(kinds):
        yield Block(kind, f"{number * step:.2f}", f"{step - gap:.2f}")


def _stretches(amounts: dict[str, int], step: float) -> Iterator[Block]:
    x = 0.0
    for kind, amount in amounts.items():
        yield Block(kind, f"{x:.2f}", f"{amount * step:.2f}")
        x += amount * step
