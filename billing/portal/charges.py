"""Single charges behind a bill: each record of the ledger, as it was written. No names of people: the ledger has none."""

from __future__ import annotations

import csv
import io
from datetime import date

from django.db.models import QuerySet

from billing.models import UsageRecord
from cloudlicenses.kit import clock, cutting_off, months
from cloudlicenses.kit.spreadsheets import harmless
from vendors.models import CrmAccount

COLUMNS = ("At", "License", "Product_ID", "Kind", "Amount", "Currency", "Entry")
ORDERS = {"-at": ("at", "entry"), "amount": ("amount", "at", "entry")}
MOST_IN_A_FILE = 100_000


def charges(
    vendor_id: str, account: CrmAccount, month: date, *, license_id: str = "", kind: str = ""
) -> QuerySet[UsageRecord]:
    """Of one customer's month; in the vendor's scope. Prepaid checkouts are in it too, at 0.00."""
    found = UsageRecord.objects.filter(
        vendor_id=vendor_id, at__gte=months.start_of(month), at__lt=months.start_of(months.following(month)),
        tenant_id__in=account.licenses.values("tenant_id"), license_id__in=account.licenses.values("id"),
    )  # fmt: skip
    if license_id:
        found = found.filter(license_id=license_id)
    return found.filter(kind=kind) if kind else found


def as_csv(found: QuerySet[UsageRecord]) -> bytes:
    """RFC 4180, UTF-8, in order of time; the first `MOST_IN_A_FILE` of them, as the last line says then."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    ordered = found.order_by("at", "entry")[: MOST_IN_A_FILE + 1]
    for one in cutting_off.at_most(MOST_IN_A_FILE, ordered.iterator()):
        writer.writerow(_line(one) if one else cutting_off.as_cells(MOST_IN_A_FILE, len(COLUMNS)))
    return out.getvalue().encode()


def _line(one: UsageRecord) -> list[str]:
    cells = (clock.rfc3339(one.at), one.license_id, one.product_id, one.kind, one.amount, one.currency, one.entry)
    return [harmless(cell) for cell in cells]
