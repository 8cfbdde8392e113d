"""What was asked for, on standard output: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any


def print_json(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))


def print_table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]], *, empty: str) -> None:
    """`columns` maps a heading to the member it shows."""
    cells = [[_cell(row.get(member)) for member in columns.values()] for row in rows]
    if not cells:
        print(empty)
        return
    table = [list(columns), *cells]
    widths = [max(len(line[column]) for line in table) for column in range(len(columns))]
    for line in table:
        print(_aligned(line, widths))


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "-"
    return printable(str(value))


def printable(text: str) -> str:
    # What others typed into the server must not steer this terminal.
    return "".join(character if character.isprintable() else "�" for character in text)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
