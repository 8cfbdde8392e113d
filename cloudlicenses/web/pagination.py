"""Lists, a page at a time: `?limit=` (50 unless told, at most 200) and an opaque `cursor`; `{"data": […], "next_cursor": …}`.

A page begins behind the row where the last one ended, by the values of its ordering columns: rows that come and go between two
requests neither repeat nor hide others, and the thousandth page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from django.core import signing
from django.db.models import Field, Model, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop

Row = TypeVar("Row", bound=Model)

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
NEWEST_FIRST = ("-created_at", "id")
PARAMETERS = [  # for the OpenAPI of a list
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        description="How many at most.",
    ),
    OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
]


def answer_of(name: str, row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """For the OpenAPI: a page of such rows."""
    fields = {"data": row(many=True), "next_cursor": serializers.CharField(allow_null=True)}
    return inline_serializer(name, fields)


def page_of(
    rows: QuerySet[Row, Row],
    query: Mapping[str, str],
    show: Callable[[Row], Any],
    *,
    order: Sequence[str] = NEWEST_FIRST,
    most: int = LARGEST_LIMIT,
) -> dict[str, Any]:
    """The page that `query` (a request's) asks for; each row as `show` says. `order` names non-null columns or annotations,
    the last one unique; `most` is the largest page. Raises `InvalidInput` for a bad limit or cursor."""
    limit = limit_of(query, most)
    found = rows.order_by(*order)
    if cursor := query.get("cursor", ""):
        found = found.filter(_behind(order, _opened(rows, order, cursor)))
    fetched = list(found[: limit + 1])
    shown = fetched[:limit]
    following = _cursor(rows, shown[-1], order) if len(fetched) > limit else None
    return {"data": [show(row) for row in shown], "next_cursor": following}


def limit_of(query: Mapping[str, str], most: int = LARGEST_LIMIT) -> int:
    """How many rows a request wants. Raises `InvalidInput`."""
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= most):
        between = Said(gettext_noop("A number from %(least)s to %(most)s."), least=1, most=most)
        raise InvalidInput(errors=[FieldError("limit", "invalid", between)])
    return int(text)


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) behind (x, y): a behind x, or a = x and b behind y."""
    condition = Q(pk__in=[])
    for position, name in enumerate(order):
        same = {other.lstrip("-"): value for other, value in zip(order[:position], values, strict=False)}
        condition |= Q(**same, **{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": values[position]})
    return condition


def _cursor(rows: QuerySet[Row, Row], last: Row, order: Sequence[str]) -> str:
    values = [_written(getattr(last, name.lstrip("-"))) for name in order]
    return signing.dumps(values, salt=_salt(rows.model, order))


def _written(value: Any) -> str:
    """As the field's `to_python` reads it again."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _opened(rows: QuerySet[Row, Row], order: Sequence[str], cursor: str) -> list[Any]:
    """Signed, so that what comes back is what we once wrote, for a list of the same kind."""
    try:
        values = signing.loads(cursor, salt=_salt(rows.model, order))
    except signing.BadSignature:
        strange = gettext_noop("This cursor is not one of this list's.")
        raise InvalidInput(errors=[FieldError("cursor", "invalid", strange)]) from None
    return [_field(rows, name).to_python(value) for name, value in zip(order, values, strict=True)]


def _field(rows: QuerySet[Row, Row], name: str) -> Field[Any, Any]:
    """The column's, or what the annotation gives."""
    plain = name.lstrip("-")
    annotation = rows.query.annotations.get(plain)
    found = annotation.output_field if annotation is not None else rows.model._meta.get_field(plain)
    return cast("Field[Any, Any]", found)


def _salt(model: type[Model], order: Sequence[str]) -> str:
    return f"cursor {model._meta.label_lower} {' '.join(order)}"
