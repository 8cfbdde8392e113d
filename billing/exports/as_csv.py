"""The report as CSV, in exactly the contract's seven columns (docs/decisions/0011).

A product's overage has a row, zero included; a commit fee has the row after it. So the overage row says what the contract says,
and Total_Cost adds up to what is billable. `extended` appends two columns instead, and has one row a product.
RFC 4180, UTF-8. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from billing.exports.report import Report, commit_label
from billing.queries import VendorRow
from cloudlicenses.kit import months
from cloudlicenses.kit.spreadsheets import harmless

COLUMNS = (
    "CRM_Account_ID",
    "Customer_Name",
    "Product",
    "Total_Overage_Checkouts",
    "Total_Cost",
    "Currency",
    "Billing_Period",
)
EXTENDED = (*COLUMNS, "Commit_Fee", "Total_Billable")


def render(report: Report, *, extended: bool = False) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(EXTENDED if extended else COLUMNS)
    for row in report.rows:
        writer.writerows(map(harmless, line) for line in (_extended(row) if extended else _plain(row)))
    return out.getvalue().encode()


def _plain(row: VendorRow) -> Iterator[list[object]]:
    figures = row.figures
    yield _line(row, row.product_name, figures.overage_checkouts, figures.overage_cost)
    if figures.commit_fee:
        yield _line(row, commit_label(row), 0, figures.commit_fee)


def _extended(row: VendorRow) -> Iterator[list[object]]:
    figures = row.figures
    line = _line(row, row.product_name, figures.overage_checkouts, figures.overage_cost)
    yield [*line, figures.commit_fee, figures.total]


def _line(row: VendorRow, product: str, checkouts: int, cost: object) -> list[object]:
    return [
        row.crm_account_id,
        row.customer_name,
        product,
        checkouts,
        cost,
        row.figures.currency,
        months.label(row.month),
    ]
