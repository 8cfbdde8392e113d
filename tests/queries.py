"""How often the database is asked."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def fewest(act: Callable[[], object]) -> int:
    """Of three times: what is remembered between requests, for some seconds, is then remembered, and only now and then is it noted
    that somebody is still here."""
    return min(_once(act) for _ in range(3))


def _once(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)
