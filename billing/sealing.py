"""Sealing the ledger: the charges that a customer has of a vendor in a month are the leaves of one Merkle tree with signed heads.

So both can recompute the month from the same lines and find the same root, and neither they nor we can take a line away, put one
in or change one afterwards. A job comes by each minute; no checkout and no closing waits for it:

1. charges up to ten minutes ago, in the order of their instants: whatever was then under way has been committed by now;
2. commit fees, which are written at their month's first instant, whenever that is;
3. when the month was closed: each tree is held against the statement's lines, and what came later still is sealed at the end.

A month's row is locked meanwhile, and all is one transaction a batch: a job that dies has done nothing, two never do the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Sum

from audit import signing
from billing.models import ChargeSealing, ClosedMonth, SealedCharges, StatementLine, UsageRecord
from cloudlicenses.kit import clock, merkle, months
from cloudlicenses.kit.canonical import canonical
from cloudlicenses.kit.clock import rfc3339
from tenants.context import platform

GRACE = timedelta(minutes=10)
MOST_AT_ONCE = 20_000
MOST_BATCHES = 100  # in one go; the next comes in a minute
HASH_LENGTH = 32
NEWEST = """
    SELECT newest.id FROM unnest(%s::date[], %s::text[], %s::text[]) AS bill (month, vendor_id, tenant_id), LATERAL (
        SELECT id FROM billing_sealedcharges sealed
         WHERE sealed.month = bill.month AND sealed.vendor_id = bill.vendor_id AND sealed.tenant_id = bill.tenant_id
         ORDER BY size DESC LIMIT 1) newest
"""
UNSEALED_FEES = """
    SELECT entry FROM billing_usagerecord fee WHERE at = %(start)s AND kind = 'commit_fee' AND NOT EXISTS (
        SELECT FROM billing_sealedcharges sealed WHERE sealed.month = %(month)s AND sealed.are_fees
           AND sealed.vendor_id = fee.vendor_id AND sealed.tenant_id = fee.tenant_id AND fee.entry = ANY (sealed.entries))
    ORDER BY entry LIMIT %(most)s
"""
WAITING = """
    SELECT month FROM billing_closedmonth closed LEFT JOIN billing_chargesealing sealing USING (month)
    WHERE closed.is_final AND (sealing.completed_at IS NULL OR sealing.completed_at < closed.closed_at)
    UNION SELECT month FROM billing_chargesealing WHERE completed_at IS NULL
    UNION SELECT %s ORDER BY month
"""

log = structlog.get_logger("sealing")


@dataclass(frozen=True, slots=True, order=True)
class Bill:
    """Whose charges, of whom, when: one tree."""

    vendor_id: str
    tenant_id: str
    month: date

    @property
    def log(self) -> str:
        return f"bill/{self.vendor_id}/{self.tenant_id}/{months.label(self.month)}"


def keys_of(vendor_id: str) -> str:
    """Under which name the keys stand that sign the heads of this vendor's bills (audit.signing)."""
    return f"bill/{vendor_id}"


def charge(record: UsageRecord) -> dict[str, Any]:
    """What a leaf says of a line of the ledger: all of it."""
    said = {
        name: getattr(record, name)
        for name in ("kind", "license_id", "product_id", "tenant_id", "vendor_id", "currency", "seats")
    }
    return said | {"id": record.entry, "at": rfc3339(record.at), "amount": f"{record.amount:.2f}"}


def leaf_of(record: UsageRecord, bill: Bill) -> bytes:
    return merkle.leaf_hash(canonical(charge(record) | {"log": bill.log}))


def newest(bills: Iterable[Bill]) -> dict[Bill, SealedCharges]:
    """The newest head of each of these bills: a look at the end of each one's rows, of which a month may bring many thousands."""
    wanted = list(bills)
    columns = [[getattr(bill, name) for bill in wanted] for name in ("month", "vendor_id", "tenant_id")]
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, columns)
        numbers = [row[0] for row in cursor.fetchall()]
    rows = SealedCharges.objects.filter(pk__in=numbers).defer("entries", "hashes")
    return {Bill(row.vendor_id, row.tenant_id, row.month): row for row in rows}


def seal_charges() -> int:
    """How many charges were sealed, of all months that wait. Any number of workers may do it at once."""
    with platform():
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [months.month_of(clock.now() - GRACE)])
            waiting = [row[0] for row in cursor.fetchall()]
        return sum(_seal_month(month) for month in waiting)


def _seal_month(month: date) -> int:
    end = min(clock.now() - GRACE, months.start_of(months.following(month)))
    ChargeSealing.objects.bulk_create([ChargeSealing(month=month, until=months.start_of(month))], ignore_conflicts=True)
    count = 0
    for _ in range(MOST_BATCHES):
        sealed, is_more = _seal_batch(month, end)
        count += sealed
        if not is_more:
            break
    return count


@transaction.atomic
def _seal_batch(month: date, end: datetime) -> tuple[int, bool]:
    """How many were sealed, and whether there is more to do."""
    state = ChargeSealing.objects.select_for_update(skip_locked=True).filter(month=month).first()
    if state is None:
        return 0, False
    fees = _unsealed_fees(month)
    _append(month, fees, are_fees=True)
    found = _charged_between(state.until, end)
    _append(month, found, are_fees=False)
    is_full = len(found) >= MOST_AT_ONCE
    state.until = found[-1].at + timedelta(microseconds=1) if is_full else max(end, state.until)
    late = 0 if is_full else _compare_with_statement(state)
    state.save(update_fields=["until", "completed_at"])
    return len(fees) + len(found) + late, is_full


def _charged_between(start: datetime, end: datetime) -> list[UsageRecord]:
    """In order; never only some of those of one instant."""
    charges = UsageRecord.objects.filter(at__gte=start, at__lt=end).exclude(kind=UsageRecord.Kind.COMMIT_FEE)
    found = list(charges.order_by("at", "entry")[:MOST_AT_ONCE])
    if len(found) < MOST_AT_ONCE:
        return found
    last = found[-1].at
    return [record for record in found if record.at < last] + list(charges.filter(at=last).order_by("entry"))


def _unsealed_fees(month: date) -> list[UsageRecord]:
    start = months.start_of(month)
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED_FEES, {"month": month, "start": start, "most": MOST_AT_ONCE})
        entries = [row[0] for row in cursor.fetchall()]
    return list(UsageRecord.objects.filter(entry__in=entries, at=start).order_by("entry")) if entries else []


def _append(month: date, records: list[UsageRecord], *, are_fees: bool) -> None:
    """Each bill's charges behind those that its tree has, and its new head signed."""
    if not records:
        return

    def bill_of(record: UsageRecord) -> Bill:
        return Bill(record.vendor_id, record.tenant_id, month)

    bills = {bill_of(record) for record in records}
    heads, signers = newest(bills), signing.signers_of({keys_of(bill.vendor_id) for bill in bills})
    in_order = groupby(sorted(records, key=bill_of), key=bill_of)
    SealedCharges.objects.bulk_create(
        [
            _grown(bill, heads.get(bill), list(charges), are_fees, signers[keys_of(bill.vendor_id)])
            for bill, charges in in_order
        ]
    )


def _grown(
    bill: Bill, head: SealedCharges | None, charges: list[UsageRecord], are_fees: bool, signer: signing.Signer
) -> SealedCharges:
    size, peaks = (head.size, bytes(head.peaks)) if head else (0, b"")
    tree = merkle.Frontier(size, [peaks[n : n + HASH_LENGTH] for n in range(0, len(peaks), HASH_LENGTH)])
    hashes = [leaf_of(record, bill) for record in charges]
    for digest in hashes:
        list(tree.add(digest))
    at = signer.now()
    signature = signer.sign(signing.statement(bill.log, tree.size, tree.root, at))
    return SealedCharges(
        month=bill.month, vendor_id=bill.vendor_id, tenant_id=bill.tenant_id, are_fees=are_fees, first=size, size=tree.size,
        entries=[record.entry for record in charges], hashes=b"".join(hashes), peaks=b"".join(tree.peaks), root=tree.root,
        at=at, kid=signer.kid, signature=signature,
    )  # fmt: skip


def _compare_with_statement(state: ChargeSealing) -> int:
    """Once a month is closed for good, and again when it was closed again: how many charges had come late."""
    month = state.month
    closed = ClosedMonth.objects.filter(month=month, is_final=True).first()
    if closed is None or closed.closed_at is None or state.until < months.start_of(months.following(month)):
        return 0
    late = 0
    lines = StatementLine.objects.filter(month=month).values_list("vendor_id", "tenant_id")
    sums = lines.annotate(count=Sum("quantity"))
    counted = {Bill(vendor_id, tenant_id, month): count for vendor_id, tenant_id, count in sums}
    heads = newest(counted)
    for bill, count in counted.items():
        if (heads[bill].size if bill in heads else 0) != count:
            late += _seal_late(bill, count)
    state.completed_at = closed.closed_at
    return late


def _seal_late(bill: Bill, count: int) -> int:
    batches = SealedCharges.objects.filter(month=bill.month, vendor_id=bill.vendor_id, tenant_id=bill.tenant_id)
    sealed = {entry for entries in batches.values_list("entries", flat=True) for entry in entries}
    charges = records_of(bill)
    late = [record for record in charges.order_by("at", "entry").iterator() if record.entry not in sealed]
    _append(bill.month, late, are_fees=False)
    log.warning(
        "a month's tree differed from its statement", bill=bill.log, late=len(late), lines=count, leaves=len(sealed)
    )
    return len(late)


def records_of(bill: Bill) -> Any:
    """The ledger's lines of a bill."""
    start, end = months.start_of(bill.month), months.start_of(months.following(bill.month))
    return UsageRecord.objects.filter(vendor_id=bill.vendor_id, tenant_id=bill.tenant_id, at__gte=start, at__lt=end)
