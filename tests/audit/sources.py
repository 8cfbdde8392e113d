"""Where the product says what it puts into its logs: the syntax of every module of its apps."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.conf import settings

APPS = (
    "accounts", "alerts", "applications", "audit", "billing", "certificates", "keys", "licensing", "tenants", "vendors",
)  # fmt: skip


def nodes(*more: str) -> Iterator[ast.AST]:
    """Of the apps, and of the packages named."""
    for path in (path for app in (*APPS, *more) for path in (settings.BASE_DIR / app).rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))
