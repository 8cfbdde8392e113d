"""A line of the table, and the four ways to end it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is OWASP's, `asks` our words for it. `tests` are node ids below the project, without parameters."""

    number: str
    level: int
    asks: str
    tests: tuple[str, ...] = ()
    written_in: str = ""
    not_applicable: str = ""
    missing: str = ""
    note: str = ""


def by(number: str, level: int, asks: str, *tests: str, note: str = "") -> Row:
    """Shown by these tests; `attacks/test_xss.py::test_…` is below `tests`."""
    named = tuple(test if test.startswith("sdks/") else f"tests/{test}" for test in tests)
    return Row(number, level, asks, tests=named, note=note)


def written(number: str, level: int, asks: str, place: str, note: str = "") -> Row:
    """Asked of documentation; `security.md#heading` is below `docs`."""
    return Row(number, level, asks, written_in=place, note=note)


def foreign(number: str, level: int, asks: str, because: str) -> Row:
    """Not applicable: we have nothing of the kind."""
    return Row(number, level, asks, not_applicable=because)


def missing(number: str, level: int, asks: str, what: str) -> Row:
    """Not met, or nobody has shown it yet."""
    return Row(number, level, asks, missing=what)
