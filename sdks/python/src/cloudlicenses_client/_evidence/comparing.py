"""An export of before beside one of now: entries that are the same have the same leaf at the same place, for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .findings import Unreadable
from .opening import opening_from


class Earlier:
    """Reads the earlier export whole: its leaves and their names, some hundred bytes each."""

    def __init__(self, path: str, log: str) -> None:
        try:
            with Path(path).open(encoding="utf-8") as file:
                opening = opening_from(json.loads(next(file, "{}")))
                found = [line for line in map(json.loads, file) if line.get("type") == "leaf"]
                self._before = {int(line["index"]): (str(line["leaf"]), str(line["id"])) for line in found}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{path}: {error}") from None
        if opening.log != log:
            raise Unreadable(f"{path} is an export of {opening.log}, not of {log}")
        self._wrong: dict[int, tuple[str, str]] = {}
        self._names: set[str] = set()
        self._leaves: set[str] = set()

    def compare(self, index: int, leaf: str, name: str) -> None:
        self._names.add(name)
        self._leaves.add(leaf)
        if index in self._before and self._before[index][0] != leaf:
            self._wrong[index] = (leaf, name)

    def differences(self) -> Iterator[tuple[str, str, str]]:
        """Kind, words, entry."""
        names_before = {name for _, name in self._before.values()}
        for index in sorted(self._wrong):
            (leaf, was), (_, now) = self._before[index], self._wrong[index]
            if was not in self._names:
                yield "removed", f"{was} was leaf {index} in the earlier export, and is gone.", was
            elif leaf in self._leaves:
                yield "reordered", f"{was} was leaf {index} in the earlier export, and stands elsewhere now.", was
            else:
                yield "changed", f"{was}, leaf {index}, is not what it was in the earlier export.", was
            if now not in names_before:
                yield "inserted", f"{now} is leaf {index} now, where {was} was in the earlier export.", now
