"""Tables that sort by their address: every row once, whatever the order, page after page."""

from __future__ import annotations

import itertools

import pytest
from django.db.models import Count
from django.http import QueryDict

from cloudlicenses.kit.refusals import InvalidInput
from cloudlicenses.web.listings import Listing, listing_of
from licensing.models import License
from tenants import context
from tests import builders, cast

ORDERS = {"product": ("product_name", "id"), "-seats": ("total_licenses", "id"), "-held": ("held", "id")}


@pytest.fixture
def five(db: None) -> None:
    with context.inside(cast.MERCEDES.id):
        for number in range(5):
            license_ = builders.granted(f"lic-{number}", total_licenses=10 + number // 2)
            for seat in range(number % 3):
                builders.leased(license_, f"lease-{number}-{seat}")


def ask(text: str) -> Listing:
    with context.inside(cast.MERCEDES.id):
        return listing_of(License.objects.annotate(held=Count("leases")), QueryDict(text).dict(), ORDERS)


@pytest.mark.parametrize("sort", ["product", "-product", "seats", "-seats", "held", "-held"])
def test_pages_hold_every_row_once_and_in_order(sort: str, five: None):
    whole = [row.pk for row in ask(f"sort={sort}").rows]
    assert sorted(whole) == [f"lic-{number}" for number in range(5)]
    cursor, seen = "", []
    for _ in itertools.repeat(None, 5):
        page = ask(f"sort={sort}&limit=2&cursor={cursor}")
        seen += [row.pk for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == whole


def test_the_first_order_is_the_usual_one_and_nonsense_means_it(five: None):
    usual = ask("")
    assert (usual.sort, usual.direction("product"), usual.next_sort("product")) == ("product", "ascending", "-product")
    assert ask("sort=package").sort == ask("sort=--product").sort == "product"
    assert ask("sort=-held").direction("held") == "descending"
    assert [row.held for row in ask("sort=-held").rows] == [2, 1, 1, 0, 0]


def test_a_cursor_of_another_order_is_refused(five: None):
    cursor = ask("limit=2").next_cursor
    with pytest.raises(InvalidInput):
        ask(f"sort=-seats&cursor={cursor}")
