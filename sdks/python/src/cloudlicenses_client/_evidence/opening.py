"""The first line of an export: which log, which part of it, and the subtrees around that part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .findings import Unreadable
from .tree import pieces

FORMAT = "cloudlicenses-log-v1"


@dataclass(frozen=True)
class Opening:
    kind: str
    log: str
    start: int
    end: int
    size: int
    before: list[bytes]
    after: list[bytes]


def opening_from(said: Mapping[str, Any]) -> Opening:
    """Raises `Unreadable`."""
    if said.get("type") != "log" or said.get("format") != FORMAT:
        raise Unreadable(f"the first line is not that of an export in the format {FORMAT}")
    try:
        before, after = ([bytes.fromhex(digest) for digest in said[name]] for name in ("before", "after"))
        start, end, size = (int(said[name]) for name in ("from", "to", "size"))
        opening = Opening(str(said["kind"]), str(said["log"]), start, end, size, before, after)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"the first line is incomplete: {error!r}") from None
    if not 0 <= start <= end <= size or (len(before), len(after)) != (len(pieces(0, start)), len(pieces(end, size))):
        raise Unreadable("the first line contradicts itself")
    return opening
