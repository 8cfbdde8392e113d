"""Cells of the CSV files that we hand out: a spreadsheet shows them, and runs none.

Whatever a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection"): also what begins with a blank
that it strips, and the wide forms of the signs, which East Asian editions read as the narrow ones.
"""

from __future__ import annotations

FORMULA_SIGNS = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                 "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
CONTROLS = ("\t", "\r", "\n")


def harmless(cell: object) -> str:
    """The cell's text; nothing for `None`."""
    text = "" if cell is None else str(cell).replace("\x00", "")
    return f"'{text}" if text.startswith(CONTROLS) or text.lstrip().startswith(FORMULA_SIGNS) else text
