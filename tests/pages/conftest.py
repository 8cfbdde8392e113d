"""Somebody at each kind of host, signed in as they would: with their password, at that host's own form."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Role
from tenants import context
from tests import builders, cast, sites

Enter = Callable[[Role], sites.Site]


def sign_in(site: sites.Site, email: str, *, path: str = "/login") -> sites.Site:
    answer = site.post(path, {"email": email, "password": cast.PASSWORD})
    assert answer.status_code == 302, answer.content
    return site


@pytest.fixture
def at_mercedes(db: None) -> Enter:
    """`at_mercedes(Role.VIEWER)`: a person of that role, signed in at Mercedes' host."""

    def enter(role: Role = Role.OWNER) -> sites.Site:
        email = f"{role}@mercedes-benz.com"
        with context.inside(cast.MERCEDES.id):
            builders.person(email, role=role)
        return sign_in(sites.tenant(cast.MERCEDES.id), email)

    return enter


@pytest.fixture
def owner(at_mercedes: Enter) -> sites.Site:
    return at_mercedes(Role.OWNER)


@pytest.fixture
def operator(db: None) -> sites.Site:
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    return sign_in(sites.apex(), "ops@cloudlicenses.example", path="/operator/login")


@pytest.fixture
def seller(db: None) -> sites.Site:
    """Vector's sales engineer at the vendors' host."""
    builders.person("sales@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    return sign_in(sites.vendors(), "sales@vector.example")


@pytest.fixture
def vendor_owner(db: None) -> sites.Site:
    """Vector's owner, who may do everything there."""
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    return sign_in(sites.vendors(), "owner@vector.example")
