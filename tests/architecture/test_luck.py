"""What makes a test pass or fail by luck, where it can be seen in its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TESTS = ("tests", "sdks/python/tests")
ENDS_SO_ALREADY = "it may end so already: `mistyped` of tests/almost.py changes it for certain"
NOT_FOR_LONG = "httpx waits five seconds, and a busy machine longer: say `timeout`"
OTHERS_WAIT = "others wait in other databases: `wait_until_somebody_waits` of tests/locks.py asks of this one"
ASKS = {f"httpx.{name}" for name in "get post put patch delete request stream Client AsyncClient".split()}


def faults(text: str) -> Iterator[tuple[int, str]]:
    """By line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and _lacks_its_end(node.left) and isinstance(node.right, ast.Constant):
            yield node.lineno, ENDS_SO_ALREADY
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKS and not _says_how_long(node):
            yield node.lineno, NOT_FOR_LONG
        if isinstance(node, ast.Constant) and "NOT granted" in str(node.value) and "pg_database" not in str(node.value):
            yield node.lineno, OTHERS_WAIT


def _lacks_its_end(node: ast.expr) -> bool:
    """`key[:-1]`"""
    part = node.slice if isinstance(node, ast.Subscript) else None
    return isinstance(part, ast.Slice) and part.lower is None and isinstance(part.upper, ast.UnaryOp)


def _says_how_long(asking: ast.Call) -> bool:
    return any(one.arg in {"timeout", None} for one in asking.keywords)  # None: `**options`, which may


def test_no_test_is_of_luck() -> None:
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{line}: {fault}"
        for place in TESTS
        for path in sorted((settings.BASE_DIR / place).rglob("*.py"))
        if path != Path(__file__)
        for line, fault in faults(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('wrong = key[:-1] + "x"', ENDS_SO_ALREADY),
        ('wrong = key[:-1] + b"x"', ENDS_SO_ALREADY),
        ('httpx.get("http://a")', NOT_FOR_LONG),
        ("httpx.Client(trust_env=False)", NOT_FOR_LONG),
        ('asked = "SELECT FROM pg_locks WHERE NOT granted"', OTHERS_WAIT),
    ],
)
def test_luck_is_seen(text: str, fault: str) -> None:
    assert list(faults(text)) == [(1, fault)]


@pytest.mark.parametrize("text", ["key[:-1]", "key[:-1] + other", 'key[:3] + "x"', "httpx.get(url, timeout=60)"])
def test_what_is_none_is_let_be(text: str) -> None:
    assert list(faults(text)) == []
