"""A table that can be sorted and filtered by its address, a page at a time: what a view reads from the query string.

`sort=product` or `sort=-product` names one of the orders that the view offers; anything else means its first. The page is
`pagination.page_of`'s, so rows that come and go neither repeat nor hide others. No JavaScript is needed for any of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from cloudlicenses.web.pagination import LARGEST_LIMIT, page_of

Row = TypeVar("Row", bound=Model)
Order = Sequence[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows and what its table's head needs. `next_cursor` is empty on the last page."""

    rows: list[Any]
    next_cursor: str
    sort: str
    is_later_page: bool

    def direction(self, name: str) -> str:
        """`ascending`, `descending`, or nothing when the rows are not sorted by this."""
        if self.sort.lstrip("-") != name:
            return ""
        return "descending" if self.sort.startswith("-") else "ascending"

    def next_sort(self, name: str) -> str:
        """What a click on a column's head asks for."""
        return f"-{name}" if self.sort == name else name


def listing_of(
    rows: QuerySet[Row, Row], query: Mapping[str, str], orders: Mapping[str, Order], *, most: int = LARGEST_LIMIT
) -> Listing:
    """The page that `query` asks for, of `most` rows at most. `orders` names columns or annotations that are never null, the last
    one unique; its keys are what `sort` may be, with `-` before those that begin with the largest. Raises `InvalidInput` for a bad
    limit or cursor."""
    first = next(iter(orders))
    asked = query.get("sort", first)
    name = asked.lstrip("-")
    known = {offered.lstrip("-"): order for offered, order in orders.items()}
    sort = asked if name in known and asked in {name, f"-{name}"} else first
    page = page_of(
        rows, query, lambda row: row, order=_ordered(known[sort.lstrip("-")], descending=sort[0] == "-"), most=most
    )
    return Listing(page["data"], page["next_cursor"] or "", sort, is_later_page=bool(query.get("cursor")))


def _ordered(order: Order, *, descending: bool) -> list[str]:
    """As written, or every column the other way round."""
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order] if descending else list(order)
