"""The audit log as a file: CSV for a spreadsheet, JSON Lines for a program. Every entry with all that is known of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from audit.models import AuditEntry
from cloudlicenses.kit import cutting_off
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.spreadsheets import harmless

FIELDS = (
    "id", "at", "event", "result", "code", "actor_kind", "actor_id", "actor_label", "subject_kind", "subject_id", "key_id", "ip",
    "hostname", "fingerprint", "user_agent", "request_id", "facts",
)  # fmt: skip


def shown(entry: AuditEntry) -> dict[str, Any]:
    """An entry as the API and the files give it."""
    facts = {name: getattr(entry, name) for name in FIELDS}
    return facts | {"id": f"evt-{entry.pk}", "at": rfc3339(entry.at)}


def as_json_lines(entries: Iterable[AuditEntry], most: int) -> bytes:
    """If there are more than `most`, the last line is `{"cut_off": …}`."""
    lines = (
        shown(entry) if entry else {"cut_off": cutting_off.said(most)} for entry in cutting_off.at_most(most, entries)
    )
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def as_csv(entries: Iterable[AuditEntry], most: int) -> bytes:
    """RFC 4180, UTF-8; a last row says if there are more than `most`. What a spreadsheet would take for a formula is none."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for entry in cutting_off.at_most(most, entries):
        writer.writerow(_cells(entry) if entry else cutting_off.as_cells(most, len(FIELDS)))
    return out.getvalue().encode()


def _cells(entry: AuditEntry) -> list[str]:
    facts = shown(entry) | {"facts": json.dumps(entry.facts, ensure_ascii=False)}
    return [harmless(value) for value in facts.values()]
