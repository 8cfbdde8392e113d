"""Who may come in where: every address of the three hosts with the right it needs, read from the urlconfs.

The right stands at the view; the roles that have it stand in accounts/roles.py. Nothing else decides, so this is the whole table.
The plane (cloudlicenses/asgi.py) is not in it: its addresses take applications' keys, and no person has a way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from cloudlicenses.web.access import Anyone, right_needed
from keys.faces import Door, TenantApi
from tenants.hosts import URLCONFS

View = Callable[..., Any]
FOR_ANYONE = ""
NOT_FOR_PEOPLE = None


@dataclass(frozen=True, slots=True)
class Address:
    """`rights` by method: a right, `FOR_ANYONE`, or `NOT_FOR_PEOPLE` (keys only). A page has one right for GET and POST."""

    host: str
    route: str
    view: View
    rights: Mapping[str, str | None]
    is_page: bool

    def __str__(self) -> str:
        return f"{self.host}/{self.route}"


def addresses() -> list[Address]:
    """Every address there is; raises `LookupError` for a view that doesn't say who may come in."""
    return [
        _address(host, route, view)
        for host, urlconf in URLCONFS.items()
        for route, view in _routes(get_resolver(urlconf).url_patterns, "")
    ]


def api_of(view: View) -> type[APIView] | None:
    """The class behind a view of the API."""
    found = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return found if isinstance(found, type) and issubclass(found, APIView) else None


def _address(host: str, route: str, view: View) -> Address:
    api = api_of(view)
    rights = _rights_of_api(api) if api else {"GET": right_needed(view), "POST": right_needed(view)}
    if rights is None or (api is None and rights["GET"] is None):
        raise LookupError(f"{host}/{route}: its view says neither @needs(...) nor @for_anyone, nor has it permissions")
    return Address(host, route, view, rights, is_page=api is None)


def _rights_of_api(api: type[APIView]) -> dict[str, str | None] | None:
    methods = [name.upper() for name in api.http_method_names if hasattr(api, name) and name not in {"options", "head"}]
    if issubclass(api, TenantApi):
        return {method: api.rights.get(method) for method in methods}
    if issubclass(api, Door):
        return dict.fromkeys(methods, NOT_FOR_PEOPLE)
    return dict.fromkeys(methods, FOR_ANYONE) if Anyone in api.permission_classes else None


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, View]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback
