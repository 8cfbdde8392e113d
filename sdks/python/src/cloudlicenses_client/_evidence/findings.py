"""What checking a file came to."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_SHOWN = 100


class Unreadable(Exception):
    """The file is not what it should be, or can't be read at all."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `kind`: changed, removed, inserted, backdated, postdated, reordered, rewritten, unsigned, cut or
    unchecked."""

    kind: str
    text: str
    entry: str = ""

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "entry": self.entry, "text": self.text}


@dataclass
class Report:
    log: str = ""
    checked: int = 0
    root: str = ""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)

    def find(self, kind: str, text: str, entry: str = "") -> None:
        self.findings.append(Finding(kind, text, entry))

    @property
    def is_good(self) -> bool:
        return not self.findings
