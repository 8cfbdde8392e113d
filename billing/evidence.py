"""A customer's month at a vendor as a file that proves itself: the same bytes for both, for `cloudlicenses bill verify`.

As a log's export (audit/evidence.py), whole from the first leaf: each charge with its leaf, charges that wait to be sealed,
what the statement of the closed month says, all signed heads. Read in the vendor's scope or in the tenant's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.evidence import FORMAT
from audit.refusals import NoSuchHead
from audit.signing import base64url
from billing.models import SealedCharges, StatementLine, UsageRecord
from billing.sealing import HASH_LENGTH, Bill, charge, newest, records_of
from cloudlicenses.kit import months
from cloudlicenses.kit.clock import rfc3339

BATCH = 1_000


def lines(bill: Bill) -> Iterator[list[dict[str, Any]]]:
    """In batches, each read in the scope of that moment; raises `NoSuchHead`."""
    head = newest(bill.month, [bill.vendor_id], [bill.tenant_id]).get(bill)
    if head is None:
        raise NoSuchHead("Nothing was sealed for this month yet.")
    yield [_opening(bill, head.size)]
    sealed: set[str] = set()
    rows = SealedCharges.objects.filter(month=bill.month, vendor_id=bill.vendor_id, tenant_id=bill.tenant_id)
    rows = rows.filter(size__lte=head.size).order_by("first")
    for number in rows.values_list("pk", flat=True):
        row = SealedCharges.objects.get(pk=number)
        sealed.update(row.entries)
        yield from _leaves(row)
    yield from _unsealed(bill, sealed)
    is_closed = StatementLine.objects.filter(month=bill.month).exists()
    yield [{"type": "statement", "lines": _statement(bill)}] if is_closed else []
    yield [_head(bill, row) for row in rows.defer("entries", "hashes", "peaks")]


def _opening(bill: Bill, size: int) -> dict[str, Any]:
    part = {"from": 0, "to": size, "size": size, "before": [], "after": []}
    return {"type": "log", "format": FORMAT, "kind": "bill", "log": bill.log, **part}


def _leaves(row: SealedCharges) -> Iterator[list[dict[str, Any]]]:
    start, end = months.start_of(row.month), months.start_of(months.following(row.month))
    hashes = bytes(row.hashes)
    for first in range(0, len(row.entries), BATCH):
        names = row.entries[first : first + BATCH]
        found = {
            record.entry: record for record in UsageRecord.objects.filter(entry__in=names, at__gte=start, at__lt=end)
        }
        yield [_leaf(row, first + n, name, hashes, found.get(name)) for n, name in enumerate(names)]


def _leaf(row: SealedCharges, place: int, name: str, hashes: bytes, record: UsageRecord | None) -> dict[str, Any]:
    digest = hashes[place * HASH_LENGTH : (place + 1) * HASH_LENGTH]
    said = {"type": "leaf", "index": row.first + place, "leaf": digest.hex(), "id": name}
    return said | {"entry": charge(record) if record else None}


def _unsealed(bill: Bill, sealed: set[str]) -> Iterator[list[dict[str, Any]]]:
    found = (record for record in records_of(bill).order_by("at", "entry") if record.entry not in sealed)
    yield [{"type": "unsealed", "id": record.entry, "entry": charge(record)} for record in found]


def _statement(bill: Bill) -> list[dict[str, Any]]:
    """As it was closed, final or not."""
    found = StatementLine.objects.filter(month=bill.month, vendor_id=bill.vendor_id, tenant_id=bill.tenant_id)
    return [
        {
            "license_id": line.license_id, "kind": line.kind, "unit_price": f"{line.unit_price:.2f}", "currency": line.currency,
            "quantity": line.quantity, "amount": f"{line.amount:.2f}",
        }
        for line in found.order_by("license_id", "kind", "currency", "unit_price")
    ]  # fmt: skip


def _head(bill: Bill, row: SealedCharges) -> dict[str, Any]:
    return {
        "type": "head", "log": bill.log, "size": row.size, "root": bytes(row.root).hex(), "at": rfc3339(row.at), "kid": row.kid,
        "signature": base64url(bytes(row.signature)),
    }  # fmt: skip
