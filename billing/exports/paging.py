"""The foot of each page. How many pages there are is known at the end, so pages are kept and finished together."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from billing.exports import fonts

LEFT = RIGHT = 18 * mm
TOP = 16 * mm
GREY, LINE = HexColor("#5f6b76"), HexColor("#c9d1d9")
FOOT = ParagraphStyle("foot", fontName=fonts.REGULAR, fontSize=7.5, leading=9, textColor=GREY)


def canvas_with_footer(text: str) -> type[Canvas]:
    """A canvas whose every page ends with `text` and its number."""

    class FooterCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                _draw_foot(self, text, f"Page {number} of {len(self._kept)}")
                super().showPage()
            super().save()

    return FooterCanvas


def _draw_foot(canvas: Canvas, text: str, number: str) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(LEFT, TOP, A4[0] - RIGHT, TOP)
    foot = Paragraph(fonts.marked_up(text), FOOT)
    _, height = foot.wrapOn(canvas, A4[0] - LEFT - RIGHT - 30 * mm, 3 * FOOT.leading)
    foot.drawOn(canvas, LEFT, TOP - 1.5 * mm - height)
    canvas.setFont(fonts.REGULAR, FOOT.fontSize)
    canvas.setFillColor(GREY)
    canvas.drawRightString(A4[0] - RIGHT, TOP - 1.5 * mm - FOOT.fontSize, number)
