"""Letters for any name: DejaVu (in fonts/, embedded) for Latin, Greek, Cyrillic and more, the reader's own for Chinese,
Japanese and Korean, which PDF readers bring along for these standard names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYSMyeongJo-Medium"


@cache
def register() -> None:
    """Make the fonts known to reportlab; once a process."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    for name in (CHINESE, JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def marked_up(text: str) -> str:
    """Text for a reportlab Paragraph: escaped, and set in a font that has its letters."""
    readable = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(_in_font(font, run) for font, run in _runs(readable))


def _runs(text: str) -> Iterator[tuple[str, str]]:
    asian = JAPANESE if any("\u3040" <= letter <= "\u30ff" for letter in text) else CHINESE
    for font, letters in groupby(text, key=lambda letter: _font_of(letter, asian)):
        yield font, "".join(letters)


def _font_of(letter: str, asian: str) -> str:
    if "\u1100" <= letter <= "\u11ff" or "\u3130" <= letter <= "\u318f" or "\uac00" <= letter <= "\ud7af":
        return KOREAN
    if "\u2e80" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or "\uff00" <= letter <= "\uffef":
        return asian
    return ""


def _in_font(font: str, run: str) -> str:
    return f'<font name="{font}">{escape(run)}</font>' if font else escape(run)
