"""Whoever adds an address decides who may come in.

Every address is asked by every role, and by nobody in particular; what comes of it is what the table says: rights stand at the
views (cloudlicenses/access/addresses.py reads them), accounts/roles.py says which role has which.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Role, User
from accounts.roles import ENTRY, PLATFORM, RIGHTS, TENANT, VENDOR, may
from cloudlicenses.access.addresses import FOR_ANYONE, NOT_FOR_PEOPLE, Address, addresses, api_of
from cloudlicenses.kit import clock
from cloudlicenses.web.people import CONFIRMED_AT
from keys.faces import Door, TenantApi, VendorApi
from tenants import context
from tenants.hosts import URLCONFS
from tests import builders, cast, sites

EVERY = addresses()
NAMES = [str(address) for address in EVERY]
SITES = {"apex": sites.apex, "vendors": sites.vendors, "tenant": lambda: sites.tenant(cast.MERCEDES.id)}
SCOPES = {"apex": context.platform, "vendors": context.platform, "tenant": lambda: context.inside(cast.MERCEDES.id)}
TO_SIGN_IN, NOT_ALLOWED, LET_IN = "sent to sign in", "not allowed", "let in"
WITH_TOKENS_OF_THEIR_OWN = {"apex/api/v1/tenants/<str:tenant_id>/status"}  # whoever registers is nobody's user yet
WRONG_METHOD = 405  # told before anybody is asked who they are
every_address = pytest.mark.parametrize("address", EVERY, ids=NAMES)


@every_address
def test_every_address_lets_in_whom_the_table_says(address: Address, db: None) -> None:
    found = {role: outcomes(address, role) for role in (None, *Role)}
    assert found == {role: {method: expected(address, method, role) for method in found[role]} for role in found}


def expected(address: Address, method: str, role: Role | None) -> str:
    right = address.rights[method]
    if str(address) in WITH_TOKENS_OF_THEIR_OWN:
        return TO_SIGN_IN
    if right == FOR_ANYONE:
        return LET_IN
    if right is NOT_FOR_PEOPLE:
        return NOT_ALLOWED if role and issubclass(api_of(address.view), TenantApi) else TO_SIGN_IN
    if role is None:
        return LET_IN if getattr(address.view, "strangers_see", None) else TO_SIGN_IN
    return LET_IN if may(role, right) else NOT_ALLOWED


def outcomes(address: Address, role: Role | None) -> dict[str, str]:
    """What somebody of that role meets with each method. Every role signs in at every host, at home there or not."""
    found = {}
    for method in address.rights:
        answer = ask(address, method, role)
        assert answer.status_code < 500, answer.content
        if answer.status_code != WRONG_METHOD:
            found[method] = outcome(answer)
    return found


def ask(address: Address, method: str, role: Role | None) -> Any:
    site, path = SITES[address.host](), filled(address.route)
    if role:
        with SCOPES[address.host]():
            site.force_login(somebody(role))
            session = site.session
            session[CONFIRMED_AT] = clock.now().timestamp()
            session.save()
    if address.is_page:
        return site.generic(method, path, content_type="application/x-www-form-urlencoded")
    return site.ask(method, path, None if method in {"GET", "DELETE"} else {})


def somebody(role: Role) -> User:
    email = f"{role}@example.com"
    known = User.objects.filter(email=email).first()
    return known or builders.person(email, role=role, vendor_id=cast.VECTOR.id if role in VENDOR else "")


def outcome(answer: Any) -> str:
    to_login = answer.status_code == 302 and re.search(r"/login(\?next=|$)", answer.headers["Location"])
    if answer.status_code == 401 or (to_login and not re.search(r"/log(in|out)", answer.wsgi_request.path)):
        return TO_SIGN_IN
    said = answer.content.decode(errors="replace") if answer.status_code == 403 else ""
    return NOT_ALLOWED if re.search(r"\b(forbidden|role_not_allowed)\b", said) else LET_IN


def filled(route: str) -> str:
    """An address of that route which leads to nothing."""
    named = re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int)\w+:\w+>", "x", route))
    return "/" + re.sub(r"\(\?P<\w+>([^)]*)\)", _one_that_fits, named.removeprefix("^").removesuffix("$"))


def _one_that_fits(wanted: re.Match[str]) -> str:
    return next(name for name in ("x", "0" * 16) if re.fullmatch(wanted[1], name))


@every_address
def test_a_right_that_is_asked_for_is_one_that_somebody_has(address: Address) -> None:
    """On that very kind of host: a misspelt right, or one of another host, would let nobody in for ever."""
    roles = {"apex": PLATFORM, "vendors": VENDOR, "tenant": TENANT}[address.host]
    for right in set(address.rights.values()) - {FOR_ANYONE, NOT_FOR_PEOPLE}:
        assert any(may(role, str(right)) for role in roles)


@every_address
def test_a_door_stands_on_its_own_host_and_names_a_right_for_each_method(address: Address) -> None:
    api = api_of(address.view)
    if api is None or not issubclass(api, Door):
        return
    assert address.host == ("vendors" if issubclass(api, VendorApi) else "tenant")
    named = set(api.scopes) | (set(api.rights) if issubclass(api, TenantApi) else set())
    assert set(address.rights) <= named


@every_address
def test_a_page_for_strangers_says_why(address: Address) -> None:
    if address.is_page and address.rights["GET"] == FOR_ANYONE:
        assert (address.view.__doc__ or "").strip()


def test_a_view_that_says_nothing_lets_nobody_in(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setitem(URLCONFS, "apex", "tests.architecture.careless")
    operator = sites.apex()
    operator.force_login(somebody(Role.OPERATOR))
    assert operator.get("/careless").status_code == 403
    with pytest.raises(LookupError, match="apex/careless"):
        addresses()


def test_every_role_has_rights_and_enters_one_kind_of_host() -> None:
    assert set(RIGHTS) == set(Role)
    for role in Role:
        assert len([host for host, right in ENTRY.items() if may(role, right)]) == 1
    assert not may("nobody", "licenses:read")
    assert not may("owner", "")


def test_no_two_addresses_of_a_host_are_the_same() -> None:
    assert [name for name in NAMES if NAMES.count(name) > 1] == []


def test_no_address_of_the_api_ends_in_a_slash() -> None:
    assert [
        name for name, address in zip(NAMES, EVERY, strict=True) if not address.is_page and name.endswith("/")
    ] == []
