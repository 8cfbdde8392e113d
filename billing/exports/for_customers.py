"""A customer's month as a file, CSV or PDF: the figures of its cost page, and with them of each vendor's own export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from billing.charges import Charge
from billing.exports import as_pdf, fonts
from billing.exports.paging import canvas_with_footer
from billing.queries import CostRow, Figures, totals_by_currency
from cloudlicenses.kit import cutting_off, months
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.spreadsheets import harmless

COLUMNS = (
    "Period", "Vendor", "Product", "Commit_Checkouts", "Overage_Checkouts",
    "Commit_Fee", "Overage_Cost", "Total_Cost", "Currency",
)  # fmt: skip
CHARGE_COLUMNS = ("At", "Kind", "Vendor", "Product", "License_ID", "User", "Hostname", "Amount", "Currency", "Entry")
HEADINGS = ("Vendor", "Product", "Overage checkouts", "Overage", "Commit fee", "Total", "Currency")
WIDTHS = (36 * mm, 42 * mm, 20 * mm, 22 * mm, 20 * mm, 22 * mm, 12 * mm)
NOTE = (
    "Amounts are sums of the usage ledger, without tax; your vendors' statements are made from the same records. Each checkout "
    "granted beyond the committed seats is an overage checkout. A commit fee is charged once for each calendar month (UTC)."
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one customer owes its vendors for a month."""

    company: str
    month: date
    rows: Sequence[CostRow]

    @property
    def file_stem(self) -> str:
        return f"costs-{months.label(self.month)}"

    @property
    def totals(self) -> list[Figures]:
        return totals_by_currency(row.figures for row in self.rows)


def as_csv(statement: Statement) -> bytes:
    """RFC 4180, UTF-8; a row a vendor and product."""
    period = months.label(statement.month)
    return _csv(COLUMNS, (
        (period, row.vendor_name, row.product_name, row.figures.commit_checkouts, row.figures.overage_checkouts,
         row.figures.commit_fee, row.figures.overage_cost, row.figures.total, row.figures.currency)
        for row in statement.rows
    ))  # fmt: skip


def charges_as_csv(charges: Iterable[Charge], most: int) -> bytes:
    """A row a checkout or fee; a last one says if there are more than `most`."""
    return _csv(CHARGE_COLUMNS, (
        (rfc3339(it.at), it.kind, it.vendor_name, it.product_name, it.license_id, it.user, it.hostname, it.amount, it.currency,
         it.entry) if it else cutting_off.as_cells(most, len(CHARGE_COLUMNS))
        for it in cutting_off.at_most(most, charges)
    ))  # fmt: skip


def as_document(statement: Statement) -> bytes:
    """A PDF of A4 pages; the same statement gives the same bytes."""
    fonts.register()
    out, name = io.BytesIO(), f"{statement.company} · Costs of {months.label(statement.month)}"
    margin, foot = as_pdf.MARGIN, as_pdf.FOOT
    document = BaseDocTemplate(
        out, pagesize=A4, invariant=1, lang="en", title=name, author=statement.company, creator="CloudLicenses"
    )
    frame = Frame(margin, foot, as_pdf.WIDTH, A4[1] - margin - foot, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(_story(statement), canvasmaker=canvas_with_footer(name))
    return out.getvalue()


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(map(harmless, row) for row in rows)
    return out.getvalue().encode()


def _story(statement: Statement) -> list[Flowable]:
    sums = [Paragraph(f"Total: {figures.total:,.2f} {figures.currency}", as_pdf.SUM) for figures in statement.totals]
    return [
        Paragraph(fonts.marked_up(statement.company), as_pdf.CUSTOMER),
        Spacer(0, 5 * mm),
        Paragraph("Costs of licenses", as_pdf.TITLE),
        Paragraph(f"{months.label(statement.month)} (UTC), all vendors", as_pdf.SMALL),
        Spacer(0, 4 * mm),
        *sums,
        Spacer(0, 6 * mm),
        _table(statement),
        Spacer(0, 8 * mm),
        Paragraph(NOTE, as_pdf.SMALL),
    ]


def _table(statement: Statement) -> Table:
    headings = [Paragraph(text, as_pdf.HEADING if n < 2 else as_pdf.HEADING_RIGHT) for n, text in enumerate(HEADINGS)]
    rows = [headings] + [
        [_text(row.vendor_name), _text(row.product_name), *_amounts(row.figures)] for row in statement.rows
    ]
    if not statement.rows:
        rows.append([Paragraph("Nothing was used or charged in this month.", as_pdf.TEXT), *[""] * 6])
    return Table(rows, colWidths=WIDTHS, repeatRows=1, style=TableStyle(as_pdf.table_style(0, len(rows))))


def _text(text: str) -> Paragraph:
    return Paragraph(fonts.marked_up(text), as_pdf.TEXT)


def _amounts(figures: Figures) -> list[str]:
    amounts = (figures.overage_cost, figures.commit_fee, figures.total)
    return [f"{figures.overage_checkouts:,}", *(f"{amount:,.2f}" for amount in amounts), figures.currency]
