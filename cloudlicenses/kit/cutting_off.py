"""Files with an end: when there is more than one holds, its last line says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Row = TypeVar("Row")


def at_most(most: int, rows: Iterable[Row]) -> Iterator[Row | None]:
    """The first `most`, then None if these are not all. Give it one more than `most`, if there is one."""
    left = iter(rows)
    yield from islice(left, most)
    if next(left, None) is not None:
        yield None


def said(most: int) -> str:
    """In the file's own language, English."""
    return f"Cut off: there are more than these {most:,} rows. Narrow down what you ask for to have the others."


def as_cells(most: int, columns: int) -> list[str]:
    """The same as a line of a table."""
    return [said(most), *[""] * (columns - 1)]
