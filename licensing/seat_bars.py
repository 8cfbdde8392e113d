"""A license's seats as a picture: which are in use, which are free, where commit ends and overage begins.

Numbers only, in units of a bar that is `WIDTH` wide; the template draws them as SVG, since the site allows no inline style.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from licensing.models import License

WIDTH = 1000.0
MOST_SINGLE_SEATS = 60
WIDEST_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Block:
    """`x` and `width` as text: a template would write them in the reader's language."""

    kind: str
    x: str
    width: str


def blocks_of(license_: License) -> list[Block]:
    """One block a seat, or one a kind when there are many. On rows of `queries.licenses()`."""
    amounts = dict(_amounts(license_))
    total = max(sum(amounts.values()), 1)
    if total <= MOST_SINGLE_SEATS:
        return list(_single_seats(amounts, WIDTH / total))
    return list(_stretches(amounts, WIDTH / total))


def _amounts(license_: License) -> Iterator[tuple[str, int]]:
    """From left to right; nothing is drawn for seats that the contract's two parts leave out."""
    overage_used = int(license_.held_overage)  # type: ignore[attr-defined]  # annotated
    commit_used = int(license_.held) - overage_used  # type: ignore[attr-defined]  # annotated
    yield "commit-used", commit_used
    yield "commit-free", max(0, license_.commit_qty - commit_used)
    yield "overage-used", overage_used
    yield "overage-free", max(0, license_.max_overage - overage_used)


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
