"""The table as docs/security-checklist.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scripts.security_checklist import api_top_ten, asvs_crypto, asvs_input, asvs_people, asvs_running
from scripts.security_checklist.rows import Row

ASVS: tuple[Row, ...] = asvs_input.ROWS + asvs_people.ROWS + asvs_crypto.ROWS + asvs_running.ROWS
API: tuple[Row, ...] = api_top_ten.ROWS
CHAPTERS = (
    "Encoding and sanitisation", "Validation and business logic", "Browsers", "APIs", "Files", "Authentication", "Sessions",
    "Authorisation", "Self-contained tokens", "OAuth and OpenID Connect", "Cryptography", "Secure communication", "Configuration",
    "Data", "Coding and architecture", "Logs and errors", "WebRTC",
)  # fmt: skip
INTRODUCTION = """# Security checklist

What the OWASP [Application Security Verification Standard 5.0](https://github.com/OWASP/ASVS) asks at its levels 1 and 2, and the OWASP
[API Security Top 10 of 2023](https://owasp.org/API-Security/editions/2023/en/0x11-t10/), in our words and under their numbers; and what
answers: a test, a place in these guides, a reason why it does not concern us, or **open**. The standard's own words are at its address,
under CC BY-SA 4.0. See also [security](security.md) and the [threat model](threat-model.md).

This page is written by `python -m scripts.security_checklist`; a test holds it to the code and looks for each test that it names.
"""
HEAD = "| | level | asked | answered by |\n|---|---|---|---|\n"


def document() -> str:
    """The whole page."""
    return (
        "\n".join([INTRODUCTION, _summary(), "## API Security Top 10\n", HEAD + _lines(API), *_chapters()]).rstrip("\n")
        + "\n"
    )


def _summary() -> str:
    counted = {
        "shown by tests": sum(bool(row.tests) for row in ASVS),
        "written down": sum(bool(row.written_in) for row in ASVS),
        "not applicable": sum(bool(row.not_applicable) for row in ASVS),
        "**open**": sum(bool(row.missing) for row in ASVS),
    }
    told = ", ".join(f"{number} {name}" for name, number in counted.items())
    return f"Of {len(ASVS)} requirements of the ASVS: {told}.\n"


def _chapters() -> Iterator[str]:
    for number, name in enumerate(CHAPTERS, 1):
        rows = [row for row in ASVS if row.number.startswith(f"{number}.")]
        yield f"## V{number} {name}\n\n{HEAD}{_lines(rows)}"


def _lines(rows: Iterable[Row]) -> str:
    return "".join(f"| {row.number} | {row.level or ''} | {row.asks} | {_answer(row)} |\n" for row in rows)


def _answer(row: Row) -> str:
    note = f" ({row.note})" if row.note else ""
    if row.tests:
        return "<br>".join(f"`{test}`" for test in row.tests).replace("<br>", ", ") + note
    if row.written_in:
        return f"[{row.written_in}]({row.written_in}){note}"
    return f"not applicable, because {row.not_applicable}" if row.not_applicable else f"**open**: {row.missing}"
