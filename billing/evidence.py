"""A customer's month at a vendor as a file that proves itself: the same bytes for both, for `cloudlicenses bill verify`.

As a log's export (audit/evidence.py), whole from the first leaf: each charge with its leaf, charges that wait to be sealed,
what the statement of the closed month says, all signed heads. Read in the vendor's scope or in the tenant's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from audit.evidence import FORMAT
from audit.refusals import NoSuchHead
from audit.signing import base64url
from billing.models import SealedCharges, StatementLine
from billing.sealing import HASH_LENGTH, Bill, charge, newest, records_of
from cloudlicenses.kit import months
from cloudlicenses.kit.clock import rfc3339

BATCH = 1_000
UNSEALED = """
    SELECT entry FROM billing_usagerecord charge
     WHERE vendor_id = %(vendor_id)s AND tenant_id = %(tenant_id)s AND at >= %(at)s AND at < %(end)s
       AND (at, entry) > (%(at)s, %(entry)s) AND NOT EXISTS (
           SELECT FROM (SELECT unnest(entries) AS entry FROM billing_sealedcharges WHERE month = %(month)s
                           AND vendor_id = %(vendor_id)s AND tenant_id = %(tenant_id)s AND size <= %(size)s) sealed
            WHERE sealed.entry = charge.entry)
     ORDER BY at, entry LIMIT %(most)s
"""


def lines(bill: Bill) -> Iterator[list[dict[str, Any]]]:
    """In batches, each read in the scope of that moment; raises `NoSuchHead`."""
    head = newest([bill]).get(bill)
    if head is None:
        raise NoSuchHead("Nothing was sealed for this month yet.")
    yield [_opening(bill, head.size)]
    yield from _leaves(bill, head.size)
    yield from _unsealed(bill, head.size)
    is_closed = StatementLine.objects.filter(month=bill.month).exists()
    yield [{"type": "statement", "lines": _statement(bill)}] if is_closed else []
    yield from _heads(bill, head.size)


def _opening(bill: Bill, size: int) -> dict[str, Any]:
    part = {"from": 0, "to": size, "size": size, "before": [], "after": []}
    return {"type": "log", "format": FORMAT, "kind": "bill", "log": bill.log, **part}


def _leaves(bill: Bill, size: int) -> Iterator[list[dict[str, Any]]]:
    for numbers in _groups(bill, size):
        leaves = [leaf for row in SealedCharges.objects.filter(pk__in=numbers).order_by("first") for leaf in _of(row)]
        for start in range(0, len(leaves), BATCH):
            yield _with_charges(bill, leaves[start : start + BATCH])


def _groups(bill: Bill, size: int) -> Iterator[list[int]]:
    """Rows that have about a batch of leaves together: one may have a single leaf, or thousands."""
    group, count = [], 0
    for number, first, end in _rows(bill, size).order_by("first").values_list("pk", "first", "size"):
        group.append(number)
        count += end - first
        if count >= BATCH:
            yield group
            group, count = [], 0
    yield group


def _of(row: SealedCharges) -> Iterator[dict[str, Any]]:
    hashes = bytes(row.hashes)
    for n, name in enumerate(row.entries):
        digest = hashes[n * HASH_LENGTH : (n + 1) * HASH_LENGTH]
        yield {"type": "leaf", "index": row.first + n, "leaf": digest.hex(), "id": name}


def _with_charges(bill: Bill, leaves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    records = {record.entry: record for record in records_of(bill).filter(entry__in=[leaf["id"] for leaf in leaves])}
    return [leaf | {"entry": charge(records[leaf["id"]]) if leaf["id"] in records else None} for leaf in leaves]


def _unsealed(bill: Bill, size: int) -> Iterator[list[dict[str, Any]]]:
    """The newest, for some minutes; others should not be there."""
    start, end = months.start_of(bill.month), months.start_of(months.following(bill.month))
    whose: dict[str, Any] = {
        "month": bill.month,
        "vendor_id": bill.vendor_id,
        "tenant_id": bill.tenant_id,
        "size": size,
    }
    at, entry = start, ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(UNSEALED, whose | {"at": at, "entry": entry, "end": end, "most": BATCH})
            names = [row[0] for row in cursor.fetchall()]
        found = list(records_of(bill).filter(entry__in=names).order_by("at", "entry"))
        yield [{"type": "unsealed", "id": record.entry, "entry": charge(record)} for record in found]
        if len(names) < BATCH:
            return
        at, entry = found[-1].at, found[-1].entry


def _heads(bill: Bill, size: int) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while rows := list(_rows(bill, size).filter(size__gt=last).order_by("size").defer("entries", "hashes")[:BATCH]):
        yield [_head(bill, row) for row in rows]
        last = rows[-1].size


def _rows(bill: Bill, size: int) -> QuerySet[SealedCharges]:
    rows = SealedCharges.objects.filter(month=bill.month, vendor_id=bill.vendor_id, tenant_id=bill.tenant_id)
    return rows.filter(size__lte=size)


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
