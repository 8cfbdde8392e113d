"""Where everybody needs a second factor, as on every server but one's own machine: whoever has none is led to add one before they
meet anything else, whatever their role, and no owner can lift it."""

from __future__ import annotations

import os
import subprocess
import sys

import pyotp
import pytest
from pytest_django.fixtures import Settings

from accounts import second_factors, signed_in, totp
from accounts.models import Role, Totp, User
from accounts.refusals import SecondFactorForEverybody, SecondFactorRequired
from accounts.roles import ENTRY, PLATFORM, TENANT, VENDOR, may, rights_of
from cloudlicenses.access.addresses import FOR_ANYONE, Address, addresses
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.web.navigation import groups_for
from tenants.context import inside, platform
from tests import builders, cast, sites
from tests.architecture.test_access import filled
from tests.pages.conftest import Enter, sign_in

AT_HOME = {"tenant": TENANT, "vendors": VENDOR, "apex": PLATFORM}
PEOPLE = [(host, role) for host, roles in AT_HOME.items() for role in roles]
# Adding one, proving once more who one is for it, and what a person needs whose password somebody else may know.
ENROLLING = {
    "account/password", "account/sessions/end-others", "account/sessions/<str:session_id>/end",
    "account/security", "account/app", "account/app/remove", "account/recovery-codes", "account/confirm",
    "account/confirm/question", "account/passkeys", "account/passkeys/question", "account/passkeys/<int:passkey_id>/remove",
}  # fmt: skip


@pytest.fixture(autouse=True)
def everybody(settings: Settings) -> None:
    settings.SECOND_FACTOR_FOR = "everybody"


@pytest.fixture(params=PEOPLE, ids=lambda param: param[1])
def newcomer(request: pytest.FixtureRequest, db: None, at_mercedes: Enter) -> tuple[str, str, sites.Site]:
    """Somebody of each role, who has just signed in by password; where, and who they are."""
    host, role = request.param
    if host == "tenant":
        return host, role, at_mercedes(Role(role))
    builders.person(f"{role}@example.com", role=role, vendor_id=cast.VECTOR.id if host == "vendors" else "")
    site = sites.vendors() if host == "vendors" else sites.apex()
    return host, role, sign_in(site, f"{role}@example.com", path="/login" if host == "vendors" else "/operator/login")


def test_there_is_nothing_before_the_second_factor(newcomer: tuple[str, str, sites.Site]) -> None:
    host, role, site = newcomer
    pages = [page for page in addresses() if page.is_page and page.host == host and is_for(page, role)]
    assert len(pages) > 10
    opened = {page.route for page in pages if not leads_to_enrolment(site, page)}
    assert {route.removeprefix("operator/") for route in opened} <= ENROLLING


def is_for(page: Address, role: str) -> bool:
    right = page.rights["GET"]
    return right != FOR_ANYONE and right is not None and may(role, right)


def leads_to_enrolment(site: sites.Site, page: Address) -> bool:
    answers = [site.get(filled(page.route)), site.post(filled(page.route))]
    asked = [answer for answer in answers if answer.status_code != 405]
    return all(answer.headers.get("Location", "").endswith("/account/security") for answer in asked)


def test_with_it_everything_opens(newcomer: tuple[str, str, sites.Site]) -> None:
    host, role, site = newcomer
    prefix = "/operator" if host == "apex" else ""
    home = f"{prefix}/"  # the brand leads there, and from there back
    page = site.get(f"{prefix}/account/security").content.decode()
    assert "Your role needs a second factor" in page
    entries = {
        entry.path
        for group in groups_for(host, rights_of(role))
        for entry in group.entries
        if entry.right and entry.path != home
    }
    assert [path for path in entries if f'href="{path}"' in page] == [], "nor a way to what isn't open, or a word of it"
    site.get(f"{prefix}/account/app")
    shown = site.post(f"{prefix}/account/app", {"code": code(host)})
    assert shown.status_code == 201
    assert f'href="{home}">I have kept them' in shown.content.decode(), "the codes lead on to where the work is"
    assert may(role, ENTRY[host])
    assert [path for path in entries if f'href="{path}"' not in site.get(home).content.decode()] == []


def code(host: str) -> str:
    with inside(cast.MERCEDES.id) if host == "tenant" else platform():
        return pyotp.TOTP(totp.secret_of(Totp.objects.get())).at(clock.now())


def test_neither_api_nor_events_are_for_who_has_none(owner: sites.Site) -> None:
    refused = owner.ask("GET", "/api/v1/licenses")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    key = owner.cookies["cl_session"].value
    with inside(cast.MERCEDES.id):
        assert signed_in.rights_of_sessions([key]) == {}
        User.objects.update(second_factor_since=clock.now())
        assert "licenses:read" in signed_in.rights_of_sessions([key])[key]


def test_no_owner_lifts_it(owner: sites.Site) -> None:
    with inside(cast.MERCEDES.id):
        User.objects.update(second_factor_since=clock.now())
        with pytest.raises(SecondFactorForEverybody):
            second_factors.require_of([], actor=SYSTEM)
    assert b"Everybody needs a second factor." in owner.get("/users").content
    page = owner.get("/users/policy").content
    assert b"whatever their role" in page
    assert b'name="roles"' not in page
    refused = owner.post("/users/policy", {"roles": ["viewer"]})
    assert refused.status_code == 409
    assert b"left to roles" in refused.content


def test_the_last_one_stays(inside_mercedes: object) -> None:
    vera = builders.person("vera@mercedes-benz.com", role=Role.VIEWER)
    totp.begin(vera)
    totp.confirm(vera, pyotp.TOTP(totp.secret_of(Totp.objects.get())).at(clock.now()), actor=SYSTEM)
    with pytest.raises(SecondFactorRequired):
        totp.remove(vera, actor=SYSTEM)
    assert not User.objects.get(pk=vera.pk).must_enrol


@pytest.mark.parametrize(("domain", "asked_of"), [("licenses.example", "everybody"), ("localhost:8000", "roles")])
def test_so_it_is_unless_the_server_is_ones_own_machine(domain: str, asked_of: str) -> None:
    ask = "from cloudlicenses.settings import base; print(base.SECOND_FACTOR_FOR)"
    surroundings = {name: value for name, value in os.environ.items() if name != "SECOND_FACTOR_FOR"}
    asked = subprocess.run(
        (sys.executable, "-c", ask), env=surroundings | {"BASE_DOMAIN": domain}, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert asked.stdout.strip() == asked_of
