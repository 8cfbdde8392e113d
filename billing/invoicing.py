"""Invoices: what a closed month says to a vendor's billing system, one for each customer (CRM account) and currency.

The body is the contract's, to the letter; its figures are statement lines, its names those of the day. An invoice whose
figures have changed since the last one is a new revision with a message of its own; one whose figures have not is not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from billing.models import Invoice, StatementLine, UsageRecord
from billing.queries import LicenseNames, names_of_licenses
from billing.webhooks import deliveries
from cloudlicenses.kit import clock, ids, jsonmoney, months
from cloudlicenses.web.wakeups import announce_change

SOURCE = "cloudlicenses.com"
Kind = UsageRecord.Kind


@dataclass(frozen=True, slots=True, order=True)
class Bill:
    """Whom an invoice is from and to, and in which currency."""

    vendor_id: str
    crm_account_id: str
    currency: str


def issue(month: date) -> list[Invoice]:
    """Make and announce the invoices of a month that are new or changed. In the closing's transaction."""
    former = _newest_invoices(month)
    invoices = [
        invoice
        for bill, lines, names in _bills(month)
        if (invoice := _invoice(month, bill, lines, names, former.get(bill))) is not None
    ]
    Invoice.objects.bulk_create(invoices)
    for vendor_id in {invoice.vendor_id for invoice in invoices}:
        announce_change(vendor_id, "bill")
    deliveries.enqueue(
        deliveries.Message(
            vendor_id=invoice.vendor_id, event="invoice.created", id=f"msg-{invoice.id}", body=invoice.body
        )
        for invoice in invoices
    )
    return invoices


def _newest_invoices(month: date) -> dict[Bill, Invoice]:
    """By bill; a later revision overwrites an earlier one."""
    return {
        Bill(invoice.vendor_id, invoice.crm_account_id, invoice.currency): invoice
        for invoice in Invoice.objects.filter(month=month).order_by("revision")
    }


def _bills(month: date) -> Iterator[tuple[Bill, list[StatementLine], dict[str, LicenseNames]]]:
    lines = list(StatementLine.objects.filter(month=month).exclude(kind=Kind.COMMIT))
    names = names_of_licenses({line.license_id for line in lines})

    def bill_of(line: StatementLine) -> Bill:
        return Bill(line.vendor_id, names[line.license_id].crm_account_id, line.currency)

    for bill, group in groupby(sorted(lines, key=bill_of), key=bill_of):
        yield bill, list(group), names


def _invoice(
    month: date, bill: Bill, lines: list[StatementLine], names: dict[str, LicenseNames], former: Invoice | None
) -> Invoice | None:
    items = [_item(line, names[line.license_id].product_name) for line in _in_order(lines)]
    total = sum((item["amount"] for item in items), Decimal("0.00"))
    if not items or (former and _figures(jsonmoney.loads(former.body)["line_items"]) == _figures(items)):
        return None
    body = {
        "source": SOURCE,
        "period": months.label(month),
        "crm_account_id": bill.crm_account_id,
        "line_items": items,
        "total": total,
        "currency": bill.currency,
    }
    return Invoice(
        id=ids.new_id("inv"),
        month=month,
        vendor_id=bill.vendor_id,
        tenant_id=lines[0].tenant_id,
        crm_account_id=bill.crm_account_id,
        currency=bill.currency,
        revision=former.revision + 1 if former else 1,
        total=total,
        body=jsonmoney.dumps(body).decode(),
        created_at=clock.now(),
    )


def _in_order(lines: Iterable[StatementLine]) -> list[StatementLine]:
    """By product and license; the commit fee first, then overage by price. By ids: another name is not another order."""
    return sorted(
        (line for line in lines if line.amount or line.kind == Kind.OVERAGE),
        key=lambda line: (line.product_id, line.license_id, line.kind, line.unit_price),
    )


def _item(line: StatementLine, product_name: str) -> dict[str, Any]:
    if line.kind == Kind.COMMIT_FEE:
        return {"description": f"{product_name} - Commit ({line.seats} licenses)", "amount": line.amount, "quantity": 1}
    return {
        "description": f"{product_name} - Overage ({line.quantity} checkouts)",
        "amount": line.amount,
        "unit_price": line.unit_price,
        "quantity": line.quantity,
    }


def _figures(items: list[dict[str, Any]]) -> list[list[Any]]:
    """What makes a bill another bill: amounts, prices and quantities, not the wording."""
    return [[item["amount"], item.get("unit_price"), item["quantity"]] for item in items]
