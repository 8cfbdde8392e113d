"""Is this export what was sealed? Each entry against its leaf, the leaves against the signed heads, the heads against those kept.

The file is read twice, heads first, and never held in memory. What an entry's own leaf tells is named for certain: changed,
removed, inserted, dated otherwise than it came. Where leaves themselves were tampered with, the heads tell between which two of
them; an earlier export tells which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .comparing import Earlier
from .findings import Report, Unreadable
from .heads import Head, Keys, head_from, instant
from .leaves import leaf_of
from .opening import Opening, opening_from
from .order import Order
from .statements import Statement
from .tree import GrowingTree
from .window import Window

SHAPELESS = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)  # what others wrote lacks something
WAITING = timedelta(minutes=10)  # for so long an entry may be in the log and not yet in its tree


def verify(path: str, keys: Keys, kept: Sequence[Head] = (), earlier: str = "") -> Report:
    """`kept`: heads of this log that somebody kept from before; `earlier`: an export of before. Raises `Unreadable`."""
    lines = _lines(path)
    opening = opening_from(next(lines, {}))
    heads = [head_from(line) for line in _lines(path) if line.get("type") == "head"]
    check = _Check(opening, Report(log=opening.log), Earlier(earlier, opening.log) if earlier else None)
    check.expect(heads, kept, keys)
    for number, line in enumerate(lines, 2):
        try:
            check.read(line)
        except SHAPELESS as error:
            raise Unreadable(f"{path}: line {number} is not what it should be: {error!r}") from None
    return check.finish()


@dataclass
class _Check:
    opening: Opening
    report: Report
    earlier: Earlier | None
    tree: GrowingTree = field(init=False)
    window: Window = field(default_factory=Window)
    order: Order = field(default_factory=Order)
    heads: list[tuple[Head, bool]] = field(default_factory=list)  # that this part can tell of, by size; was it kept?
    newest: Head | None = None
    is_broken: bool = False  # what comes after is a consequence
    erased: int = 0
    waiting: int = 0

    def __post_init__(self) -> None:
        self.tree = GrowingTree(self.opening.start, self.opening.before)
        self.statement = Statement()

    def expect(self, heads: Sequence[Head], kept: Sequence[Head], keys: Keys) -> None:
        """Look at the heads before any leaf; what they say of leaves is looked at on the way."""
        for head, was_kept in [*((head, False) for head in heads), *((head, True) for head in kept)]:
            if head.log != self.opening.log:
                self.report.find("unsigned", f"A head is of the log {head.log}, not of {self.opening.log}.")
            elif trouble := head.trouble_with_signature(keys):
                self.report.find("unsigned", trouble)
            elif self._can_be_checked(head, was_kept):
                self.heads.append((head, was_kept))
        self.heads.sort(key=lambda one: (one[0].size, one[1]))
        self.newest = next((head for head in heads if head.size == self.opening.size), None)
        if self.newest is None:
            self.report.find("unsigned", f"The file has no head for its {self.opening.size} leaves.")
        self._compare_roots()

    def _can_be_checked(self, head: Head, was_kept: bool) -> bool:
        opening = self.opening
        if head.size == opening.size or opening.start <= head.size <= opening.end:
            return True
        if was_kept and head.size > opening.size:
            self.report.find("cut", f"The log had {head.size} leaves on {head.at}; this file says {opening.size}.")
        elif was_kept:
            self.report.find(
                "unchecked",
                f"This part can't tell of the head of size {head.size}: export from there, or from the start.",
            )
        return False

    def read(self, line: Mapping[str, Any]) -> None:
        kind = line.get("type")
        if kind == "leaf":
            self._read_leaf(line)
        elif kind == "unsealed":
            self._read_unsealed(line)
        elif kind == "statement":
            self.statement.expect(line)
        elif kind != "head":
            raise Unreadable(f"a line of an unknown type: {kind!r}")

    def _read_leaf(self, line: Mapping[str, Any]) -> None:
        try:
            index, stated, name = int(line["index"]), bytes.fromhex(line["leaf"]), str(line["id"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"a leaf is incomplete: {error!r}") from None
        self._look_at_place(index, name)
        self._look_at_entry(line, stated, name)
        if self.earlier:
            self.earlier.compare(index, stated.hex(), name)
        self.window.note(name)
        self.tree.add(stated)
        self.report.checked += 1
        self._compare_roots()

    def _look_at_place(self, index: int, name: str) -> None:
        place = self.tree.size
        if place >= self.opening.end:  # no head tells of it
            self.report.find(
                "inserted", f"{name} stands behind the end of this part, leaf {place}: it was put in.", name
            )
            return
        if index == place or self.is_broken:
            return
        self.is_broken = True
        if index > place:
            missing = f"leaf {place}" if index == place + 1 else f"leaves {place} to {index - 1}"
            self.report.find(
                "removed", f"{missing} missing: {self.window.newest or 'the start'} is followed by {name}."
            )
        else:
            self.report.find("reordered", f"{name} is leaf {index}, but stands where leaf {place} belongs.", name)

    def _look_at_entry(self, line: Mapping[str, Any], stated: bytes, name: str) -> None:
        if line.get("entry") is None:
            self.report.find("removed", f"{name} is in the tree, but not in the log: it was removed.", name)
            return
        try:
            found = leaf_of(self.opening.kind, self.opening.log, line)
        except (KeyError, TypeError, ValueError):
            found = b""
        entry = line["entry"]
        if found != stated or entry.get("id", name) != name:
            self.report.find("changed", f"{name} ({_what(entry)}) is not as it was sealed: it was changed.", name)
        elif self.opening.kind == "audit":
            self._look_at_time(instant(str(entry["at"])), name)
        self.erased += "erased" in line
        if self.opening.kind == "bill":
            self.statement.add(entry)

    def _look_at_time(self, at: datetime, name: str) -> None:
        """Of an entry that is as it was sealed. The next head that is looked at is the first known to have it."""
        kind, text = self.order.trouble(name, at, instant(self.heads[0][0].at) if self.heads else None)
        if kind:
            self.report.find(kind, text, name)

    def _read_unsealed(self, line: Mapping[str, Any]) -> None:
        entry, name = line.get("entry") or {}, str(line.get("id"))
        if self.newest and instant(self.newest.at) - instant(str(entry.get("at"))) > WAITING:
            self.report.find(
                "inserted", f"{name} ({_what(entry)}) is in the log, but not in its tree: it was put in.", name
            )
        else:
            self.waiting += 1
        if self.opening.kind == "bill":
            self.statement.add(entry)

    def _compare_roots(self) -> None:
        """With each head of the size that has been reached; at the end of the part, with the newest too."""
        size, opening = self.tree.size, self.opening
        while self.heads and (self.heads[0][0].size == size or size == opening.end <= self.heads[0][0].size):
            head, was_kept = self.heads.pop(0)
            root = self.tree.root(opening.after if head.size > size else [], head.size)
            if root == head.root:
                self.window.begin(head.size, head.at)
                if head.size == opening.start > 0:
                    self.order.begin(instant(head.at))
                self.report.root = root.hex()
            elif not self.is_broken or was_kept:
                self.is_broken = True
                self.report.find("rewritten", self.window.between(head, was_kept))
                for suspect in self.window.suspects():
                    self.report.find("reordered", suspect)

    def finish(self) -> Report:
        report = self.report
        if self.tree.size < self.opening.end and not self.is_broken:
            report.find("removed", f"The file ends at leaf {self.tree.size}; it should go on to {self.opening.end}.")
        for kind, text, name in self.earlier.differences() if self.earlier else ():
            report.find(kind, text, name)
        if self.erased:
            report.notes.append(f"The personal part of {self.erased} entries was erased; the rest is as it was sealed.")
        if self.waiting:
            report.notes.append(f"{self.waiting} new entries wait to be sealed.")
        for kind, text in self.statement.differences():
            report.find(kind, text)
        report.totals = self.statement.totals()
        return report


def _what(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('event') or entry.get('kind')}, {entry.get('at')}"


def _lines(path: str) -> Iterator[dict[str, Any]]:
    try:
        with Path(path).open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = json.loads(text)
                except ValueError:
                    raise Unreadable(f"{path}: line {number} is no JSON") from None
                if not isinstance(line, dict):
                    raise Unreadable(f"{path}: line {number} is no object")
                yield line
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}") from None
