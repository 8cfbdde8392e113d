"""The commands in a guide, in order, each with the answer that is shown below it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """An HTTP answer as a guide shows it: what is left out there may be anything."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    guide: str
    line: int
    text: str
    shown: Shown | None


def commands(guide: Path) -> Iterator[Command]:
    """Blocks marked `sh`; one marked `http` is the answer to the block before it."""
    text = guide.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block["kind"] == "sh":
            shown = following["text"] if following and following["kind"] == "http" else ""
            line = text.count("\n", 0, block.start()) + 1
            yield Command(guide.name, line, block["text"], answer(shown) if shown else None)


def answer(text: str) -> Shown:
    """Status, headers (names in lower case) and JSON body of the first HTTP answer in `text`."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    status, *headers = head.splitlines()
    pairs = (line.partition(":") for line in headers)
    body = body.lstrip()
    return Shown(
        status=int(status.split()[1]),
        headers={name.lower(): value.strip() for name, _, value in pairs},
        body=json.JSONDecoder().raw_decode(body)[0] if body.startswith("{") else {},  # another answer may follow
    )
