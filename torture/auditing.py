"""What must hold of the books whatever happened: asked of the database when all is quiet.

`violations_of` asks one tenant's books (books.py) each question below; replay.py asks those about every instant. No
answer is a good answer. What clients were told is held against the books when it is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from licensing.models import Lease
from torture import replay
from torture.books import BEGINS, Books, Line, Told, told_of
from torture.violations import Violation

Question = Callable[[Books], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that clients were told, of every tenant. `refusals`: how many of their checkouts were refused, by tenant."""

    told: Sequence[Told]
    refusals: dict[str, int]


def violations_of(books: Books, heard: Heard | None = None) -> list[Violation]:
    """What is wrong with a tenant's books; nothing if they are right."""
    found = [violation for ask in QUESTIONS for violation in ask(books)]
    if heard is not None:
        found += _of_what_was_told(books, told_of(books.tenant_id, heard.told))
        found += _of_what_was_refused(books, heard.refusals.get(books.tenant_id, 0))
    return found


def _counters(books: Books) -> Iterator[Violation]:
    held = Counter((lease.license_id, lease.lease_type) for lease in books.leases.values() if lease.ended_at is None)
    for license_ in books.licenses.values():
        counted = (license_.commit_in_use, license_.overage_in_use)
        open_ = (held[license_.id, "commit"], held[license_.id, "overage"])
        if counted != open_:
            yield Violation("wrong counter", f"{license_.id}: counted {counted}, open leases {open_}")


def _spending(books: Books) -> Iterator[Violation]:
    """What a budget is held against is the sum of this month's leases."""
    for license_ in books.licenses.values():
        spent = sum(
            (
                lease.cost
                for lease in books.leases.values()
                if lease.license_id == license_.id and lease.issued_at.date().replace(day=1) == license_.spent_month
            ),
            Decimal(0),
        )
        if license_.spent_month is not None and spent != license_.spent:
            yield Violation("wrong spending", f"{license_.id}: {license_.spent} counted, leases cost {spent}")


def _ledger(books: Books) -> Iterator[Violation]:
    """Each lease once, with its kind and price, and nothing else."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in books.ledger:
        lines[line.entry].append(line)
    for lease_id, lease in books.leases.items():
        written = lines.pop(lease_id, [])
        if not written:
            yield Violation("no ledger line", f"{lease_id} is on no bill")
        elif len(written) > 1:
            yield Violation("doubled ledger line", f"{lease_id} is billed {len(written)} times")
        elif written[0] != _line_of(books, lease):
            yield Violation("wrong ledger line", f"{lease_id}: {written[0]} instead of {_line_of(books, lease)}")
    for entry in lines:
        yield Violation("stray ledger line", f"{entry} is billed, and there is no such lease")


def _line_of(books: Books, lease: Lease) -> Line:
    """The line that this lease has to have, by its license's terms and not by what it says of its own price."""
    license_ = books.licenses[lease.license_id]
    price = license_.overage_per_use if lease.lease_type == "overage" else Decimal("0.00")
    return Line(
        entry=lease.id, at=lease.issued_at, kind=lease.lease_type, vendor_id=license_.vendor_id, license_id=license_.id,
        product_id=license_.product_id, amount=price, currency=license_.currency,
    )  # fmt: skip


def _audit_log(books: Books) -> Iterator[Violation]:
    """Each lease's beginning is noted once; so is its end, once it has ended."""
    begun = Counter(note.lease_id for note in books.notes if note.event == BEGINS)
    ended = Counter(note.lease_id for note in books.notes if note.event != BEGINS)
    for lease_id, lease in books.leases.items():
        noted = (begun[lease_id], ended[lease_id])
        if noted != (1, int(lease.ended_at is not None)):
            yield Violation("audit log", f"{lease_id}: beginning and end noted {noted} times, ended {lease.ended_at}")
    for lease_id in (begun.keys() | ended.keys()) - books.leases.keys():
        yield Violation("audit log", f"{lease_id} is noted, and there is no such lease")


def _order(books: Books) -> Iterator[Violation]:
    for lease_id, lease in books.leases.items():
        if lease.ended_at is not None and lease.ended_at < lease.issued_at:
            yield Violation("wrong order", f"{lease_id} ended before it began")


def _once(books: Books) -> Iterator[Violation]:
    """Clients write the name of their operation into the lease: no operation has two."""
    operations = Counter(lease.metadata.get("operation") for lease in books.leases.values())
    for operation, times in operations.items():
        if operation is not None and times > 1:
            yield Violation("doubled lease", f"operation {operation} has {times} leases")


def _of_what_was_told(books: Books, told: Sequence[Told]) -> Iterator[Violation]:
    for one in told:
        lease = books.leases.get(one.lease_id)
        if lease is None:
            yield Violation("lost lease", f"operation {one.operation} was told of {one.lease_id}, and there is none")
            continue
        known = (lease.license_id, lease.lease_type, lease.cost, lease.metadata.get("operation"))
        if known != (one.license_id, one.lease_type, Decimal(one.cost), one.operation):
            yield Violation("changed lease", f"{one} was told, {known} is written")
        if one.returned and lease.ended_at is None:
            yield Violation("not ended", f"{one.lease_id} was returned, and its seat is still taken")
    for lease_id, times in Counter(one.lease_id for one in told).items():
        if times > 1:
            yield Violation("shared lease", f"{times} operations were told of {lease_id}")
    for lease_id in books.leases.keys() - {one.lease_id for one in told}:
        yield Violation("untold lease", f"nobody was told of {lease_id}")


def _of_what_was_refused(books: Books, refusals: int) -> Iterator[Violation]:
    if books.denials != refusals:
        yield Violation("denials", f"{refusals} checkouts were refused, {books.denials} denials are kept")


QUESTIONS: tuple[Question, ...] = (
    _counters, _spending, _ledger, _audit_log, _order, _once, replay.by_leases, replay.by_audit_log,
)  # fmt: skip
