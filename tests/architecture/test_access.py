"""Whoever adds an address decides who may come in; saying nothing is refused here, before it is refused there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from cloudlicenses.web.access import DenyAll
from keys.faces import Door, TenantApi, VendorApi
from tenants.hosts import URLCONFS

View = Callable[..., Any]


def routes(urlconf: str) -> Iterator[tuple[str, View]]:
    yield from _routes(get_resolver(urlconf).url_patterns, "")


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, View]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


EVERY = [(host, address, view) for host, urlconf in URLCONFS.items() for address, view in routes(urlconf)]
NAMES = [f"{host}/{address}" for host, address, _ in EVERY]


def of_drf(view: View) -> type[APIView] | None:
    found = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return found if isinstance(found, type) and issubclass(found, APIView) else None


@pytest.mark.parametrize(("host", "address", "view"), EVERY, ids=NAMES)
def test_every_address_says_who_may_come_in(host: str, address: str, view: View) -> None:
    """API: a door, or permissions written out. Page: a right, or a docstring that says why strangers may."""
    api = of_drf(view)
    if api is None:
        assert hasattr(view, "needed_right") or (view.__doc__ or "").strip()
    elif not issubclass(api, Door):
        assert DenyAll not in api.permission_classes


@pytest.mark.parametrize(("host", "address", "view"), EVERY, ids=NAMES)
def test_a_door_stands_on_its_own_host_and_names_a_right_for_each_method(host: str, address: str, view: View) -> None:
    api = of_drf(view)
    if api is None or not issubclass(api, Door):
        return
    methods = {name.upper() for name in api.http_method_names if hasattr(api, name)} - {"OPTIONS", "HEAD"}
    assert host == ("vendors" if issubclass(api, VendorApi) else "tenant")
    named = set(api.scopes) | (set(api.rights) if issubclass(api, TenantApi) else set())
    assert methods <= named


def test_no_two_addresses_of_a_host_are_the_same() -> None:
    assert [name for name in NAMES if NAMES.count(name) > 1] == []


def test_no_address_of_the_api_ends_in_a_slash() -> None:
    assert [address for _, address, _ in EVERY if address.startswith("api/") and address.endswith("/")] == []
