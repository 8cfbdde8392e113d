"""Every instant once more: seats are taken and given back in the order of the log, and never are there more than were sold.

Two logs tell it independently. The leases say from when to when each seat was theirs; a lapsed one ended when its time was up.
The audit log says when the seat rule acted: a lapsed seat is free only when it was swept up, so by this log all commit seats are
taken whenever overage begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.models import License
from torture.books import BEGINS, Books
from torture.violations import Violation

Moment = tuple[datetime, int, str]  # at, +1 or -1, lease id: at one instant seats come back before they go


def by_leases(books: Books) -> Iterator[Violation]:
    moments: list[Moment] = [(lease.issued_at, 1, lease.id) for lease in books.leases.values()]
    moments += [(lease.ended_at, -1, lease.id) for lease in books.leases.values() if lease.ended_at is not None]
    yield from _replayed(books, moments, "leases", expects_commit_first=False)


def by_audit_log(books: Books) -> Iterator[Violation]:
    moments = (
        (note.at, 1 if note.event == BEGINS else -1, note.lease_id)
        for note in books.notes
        if note.lease_id in books.leases
    )
    yield from _replayed(books, moments, "audit log", expects_commit_first=True)


def _replayed(books: Books, moments: Iterable[Moment], log: str, *, expects_commit_first: bool) -> Iterator[Violation]:
    in_use: Counter[tuple[str, str]] = Counter()
    for at, change, lease_id in sorted(moments):
        lease = books.leases[lease_id]
        license_ = books.licenses[lease.license_id]
        in_use[license_.id, lease.lease_type] += change
        if change < 0:
            continue
        commit, overage = in_use[license_.id, "commit"], in_use[license_.id, "overage"]
        where = f"{license_.id} at {at} by the {log}: {commit} commit and {overage} overage seats in use"
        if _is_oversold(license_, commit, overage):
            yield Violation("oversold seat", where)
        if expects_commit_first and lease.lease_type == "overage" and commit < license_.commit_qty:
            yield Violation("overage before commit", where)


def _is_oversold(license_: License, commit: int, overage: int) -> bool:
    return commit > license_.commit_qty or overage > license_.max_overage or commit + overage > license_.total_licenses
