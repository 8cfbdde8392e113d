"""The report as a PDF for a finance department: totals first, then a table for each customer. A4, page x of y.

The same report gives the same bytes: nothing in the file depends on when it was made.
"""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from billing.exports import fonts
from billing.exports.paging import canvas_with_footer
from billing.exports.report import Customer, Report
from billing.queries import Figures
from billing.refusals import TooManyRowsForPdf
from cloudlicenses.kit import months
from vendors import logos

MOST_ROWS = 5000
INK, GREY, LINE, SHADE = HexColor("#1b2733"), HexColor("#5f6b76"), HexColor("#c9d1d9"), HexColor("#f3f5f7")
MARGIN, FOOT = 18 * mm, 22 * mm
WIDTH = A4[0] - 2 * MARGIN
PERIOD_WIDTH, CHECKOUTS_WIDTH, CURRENCY_WIDTH, PADDING = 17 * mm, 21 * mm, 17 * mm, 4
HEADINGS = ("Period", "Product", "Overage checkouts", "Overage cost", "Commit fee", "Total billable", "Currency")
FONT_SIZE = 8.5
LOGO_WIDTH, LOGO_HEIGHT = 60 * mm, 18 * mm

TEXT = ParagraphStyle("text", fontName=fonts.REGULAR, fontSize=FONT_SIZE, leading=11.5, textColor=INK, splitLongWords=1)
BOLD = ParagraphStyle("bold", TEXT, fontName=fonts.BOLD)
HEADING = ParagraphStyle("heading", BOLD, fontSize=7.5, leading=9.5, textColor=white)
HEADING_RIGHT = ParagraphStyle("heading right", HEADING, alignment=TA_RIGHT)
SMALL = ParagraphStyle("small", TEXT, fontSize=8, leading=11, textColor=GREY)
TITLE = ParagraphStyle("title", BOLD, fontSize=18, leading=23)
CUSTOMER = ParagraphStyle("customer", BOLD, fontSize=11.5, leading=15)
SUM = ParagraphStyle("sum", BOLD, fontSize=14, leading=19)
NOTE = (
    "Amounts are sums of the usage ledger, without tax. Each checkout granted beyond the committed seats is an overage checkout, "
    "charged at the price in force when it was granted. A commit fee is charged once for each calendar month."
)


def render(report: Report) -> bytes:
    """Raises `TooManyRowsForPdf`."""
    if sum(1 for _ in report.rows) > MOST_ROWS:
        raise TooManyRowsForPdf
    fonts.register()
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4, invariant=1, lang="en", title=f"Billing statement {_days(report)}", author=report.vendor_name,
        subject=f"Overage and commit fees billed by {report.vendor_name}", creator="CloudLicenses",
    )  # fmt: skip
    frame = Frame(
        MARGIN, FOOT, WIDTH, A4[1] - MARGIN - FOOT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(
        _story(report), canvasmaker=canvas_with_footer(f"{report.vendor_name} · Billing statement · {_days(report)}")
    )
    return out.getvalue()


def _story(report: Report) -> list[Flowable]:
    widths = _widths(report)
    story = [*_head(report), Spacer(0, 6 * mm), _summary(report, widths)]
    for customer in report.customers:
        story += [Spacer(0, 8 * mm), CondPageBreak(45 * mm), _customer(customer, widths)]
    return [*story, Spacer(0, 8 * mm), CondPageBreak(20 * mm), Paragraph(NOTE, SMALL)]


def _head(report: Report) -> list[Flowable]:
    """Whose bill, for when, and what it comes to."""
    sums = [Paragraph(f"Total billable: {figures.total:,.2f} {figures.currency}", SUM) for figures in report.totals]
    return [
        *_logo(report.vendor_id),
        Paragraph(fonts.marked_up(report.vendor_name), CUSTOMER),
        Spacer(0, 5 * mm),
        Paragraph("Billing statement", TITLE),
        Spacer(0, 1.5 * mm),
        Paragraph(f"{_days(report)} (UTC, both days included) · {_customers(report)}", SMALL),
        Spacer(0, 4 * mm),
        *sums,
    ]


def _logo(vendor_id: str) -> list[Flowable]:
    png = logos.find(vendor_id)
    if png is None:
        return []
    picture = Image(io.BytesIO(png), hAlign="LEFT")
    scale = min(LOGO_WIDTH / picture.imageWidth, LOGO_HEIGHT / picture.imageHeight, 1)
    picture.drawWidth, picture.drawHeight = picture.imageWidth * scale, picture.imageHeight * scale
    return [picture, Spacer(0, 4 * mm)]


def _summary(report: Report, widths: list[float]) -> Table:
    rows: list[list[Any]] = [_headings("All customers", "")]
    rows += [["", "", *_amounts(figures)] for figures in report.totals]
    if len(rows) == 1:
        rows.append([Paragraph("Nothing was used or charged in this period.", TEXT), *[""] * 6])
    style = [*table_style(0, len(rows)), ("SPAN", (0, 0), (1, 0)), ("SPAN", (0, 1), (1, 1))]
    if report.totals:
        style.append(("FONTNAME", (2, 1), (-1, -1), fonts.BOLD))
    else:
        style.append(("SPAN", (0, 1), (-1, 1)))
    return Table(rows, colWidths=widths, style=TableStyle(style))


def _customer(customer: Customer, widths: list[float]) -> Table:
    """One table; name and headings are repeated on each page it goes on to."""
    totals = customer.totals
    account = f"CRM account {customer.crm_account_id}" + (
        f" · tenant {customer.tenant_id}" if customer.tenant_id else ""
    )
    name = [Paragraph(fonts.marked_up(customer.name), CUSTOMER), Paragraph(fonts.marked_up(account), SMALL)]
    rows: list[list[Any]] = [[name, *[""] * 6], _headings(*HEADINGS[:2])]
    rows += [
        [months.label(row.month), Paragraph(fonts.marked_up(row.product_name), TEXT), *_amounts(row.figures)]
        for row in customer.rows
    ]
    rows += [["Total", "", *_amounts(figures)] for figures in totals]
    style = [
        *table_style(1, len(rows)),
        ("SPAN", (0, 0), (-1, 0)),
        ("LEFTPADDING", (0, 0), (-1, 0), 0),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 6),
        ("BACKGROUND", (0, -len(totals)), (-1, -1), SHADE),
        ("LINEABOVE", (0, -len(totals)), (-1, -len(totals)), 0.9, INK),
        ("FONTNAME", (0, -len(totals)), (-1, -1), fonts.BOLD),
    ]
    return Table(rows, colWidths=widths, repeatRows=2, style=TableStyle(style))


def _headings(*first: str) -> list[Paragraph]:
    left = [Paragraph(text, HEADING) for text in first]
    return [*left, *(Paragraph(text, HEADING_RIGHT) for text in HEADINGS[2:])]


def _amounts(figures: Figures) -> list[str]:
    amounts = (figures.overage_cost, figures.commit_fee, figures.total)
    return [f"{figures.overage_checkouts:,}", *(f"{amount:,.2f}" for amount in amounts), figures.currency]


def _widths(report: Report) -> list[float]:
    """Amounts are never broken: their columns are as wide as the largest sum, the product has what is left."""
    columns = zip(*(_amounts(figures) for figures in report.totals), strict=True) if report.totals else ()
    needed = [max(stringWidth(text, fonts.BOLD, FONT_SIZE) for text in column) + 2 * PADDING + 1 for column in columns]
    least = [CHECKOUTS_WIDTH, 26 * mm, 24 * mm, 26 * mm, CURRENCY_WIDTH]
    numbers = [max(pair) for pair in zip(needed or least, least, strict=True)]
    return [PERIOD_WIDTH, max(WIDTH - PERIOD_WIDTH - sum(numbers), 25 * mm), *numbers]


def table_style(heading: int, rows: int) -> list[tuple[Any, ...]]:
    """What all tables share; `heading` is the row of column headings."""
    return [
        ("FONT", (0, 0), (-1, -1), fonts.REGULAR, FONT_SIZE, 11.5),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("BACKGROUND", (0, heading), (-1, heading), INK),
        ("VALIGN", (0, heading), (-1, heading), "MIDDLE"),
        ("VALIGN", (0, heading + 1), (-1, -1), "TOP"),
        ("LINEBELOW", (0, heading + 1), (-1, rows - 1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 3.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]


def _days(report: Report) -> str:
    return f"{report.start.isoformat()} to {report.end.isoformat()}"


def _customers(report: Report) -> str:
    count = len(report.customers)
    return "1 customer" if count == 1 else f"{count:,} customers"
