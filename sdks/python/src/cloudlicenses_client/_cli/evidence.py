"""`audit verify` and `bill verify`: what a server exported, checked without it."""

from __future__ import annotations

import argparse

from .._evidence.findings import MOST_SHOWN, Report, Unreadable
from .._evidence.heads import heads_from, keys_from
from .._evidence.verifying import verify
from .complaints import REFUSED, say
from .output import print_json, printable

WRONG_USAGE = 2


def check(arguments: argparse.Namespace) -> int:
    try:
        report = verify(arguments.file, keys_from(arguments.keys), heads_from(arguments.heads), arguments.earlier or "")
    except Unreadable as trouble:
        say(str(trouble))
        return WRONG_USAGE
    if arguments.json:
        print_json(_as_json(report))
    else:
        _tell(report)
    return 0 if report.is_good else REFUSED


def _tell(report: Report) -> None:
    for finding in report.findings[:MOST_SHOWN]:
        print(printable(f"{finding.kind.upper():<10} {finding.text}"))
    if len(report.findings) > MOST_SHOWN:
        print(f"… and {len(report.findings) - MOST_SHOWN} more")
    for note in report.notes:
        print(printable(note))
    for total in report.totals:
        print(printable(f"The charges come to {total}."))
    if report.is_good:
        print(printable(f"OK: {report.checked} leaves of {report.log} are as they were sealed. Root {report.root}"))
    else:
        print(printable(f"NOT OK: {report.log} was tampered with, or this is not all of it."))


def _as_json(report: Report) -> dict[str, object]:
    return {
        "log": report.log,
        "ok": report.is_good,
        "leaves": report.checked,
        "root": report.root,
        "findings": [finding.as_json() for finding in report.findings],
        "notes": report.notes,
        "totals": report.totals,
    }
