"""Pages ask the database as often for forty rows as for a few: every page of the three hosts, as the benchmark opens them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from benchmarks import pages
from benchmarks.pages import Size
from tests import cast
from tests.queries import fewest

FEW = Size(licenses=8, leases=40, held=4, denials=4, customers=4, people=4, tenants=10, deliveries=4)
MANY = Size(licenses=60, leases=2_000, held=80, denials=200, customers=40, people=60, tenants=40, deliveries=60)


@pytest.fixture
def counted(db: None) -> Callable[[Size], dict[str, int]]:
    """How often each page asks where there is so much; of what was written for it nothing stays."""

    def count(size: Size) -> dict[str, int]:
        with transaction.atomic():
            places = pages.furnish(cast.MERCEDES.id, size)
            found = {name: asked(browser, path) for name, browser, path in pages.pages(cast.MERCEDES.id, places)}
            transaction.set_rollback(True)
        return found

    return count


def asked(browser: Client, path: str) -> int:
    def ask() -> None:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    return fewest(ask)


def test_many_rows_take_as_many_queries_as_a_few(counted: Callable[[Size], dict[str, int]]):
    few = counted(FEW)
    assert counted(MANY) == few
