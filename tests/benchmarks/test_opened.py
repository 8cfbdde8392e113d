"""No page goes unmeasured."""

from __future__ import annotations

import pytest
from django.urls import resolve

from benchmarks.opened import NO_PAGE, OPENED
from cloudlicenses.access.addresses import addresses
from tenants.hosts import URLCONFS


def routes_of(host: str) -> set[str]:
    return {one.route for one in addresses() if one.host == host and one.is_page}


def measured(host: str) -> set[str]:
    paths = [path for every in OPENED[host].values() for path in every]
    return {resolve(filled(path), URLCONFS[host]).route for path in paths}


def filled(path: str) -> str:
    """Some address of that form; the names of periods, accounts and people as their routes want them."""
    number = {"account": "1", "member": "1", "invited": "1", "registration": "1", "entry": "1", "passkey": "1"}
    names = dict.fromkeys(
        "lease token key webhook tenant suspended signup invitation reset alert rule channel certificate authority uploaded"
        " revoking owner".split(),
        "x",
    )
    return path.partition("?")[0].format(before="2026-10", present="2026-11", **number, **names)


@pytest.mark.parametrize("host", OPENED)
def test_every_page_is_measured(host: str):
    assert {route for route in routes_of(host) if not NO_PAGE.search(route)} - measured(host) == set()


@pytest.mark.parametrize("host", OPENED)
def test_what_is_measured_is_a_page(host: str):
    assert {route for route in measured(host) if NO_PAGE.search(route)} == set()
