"""Signing in and out: who gets in where, what strangers learn, and how often they may guess."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Role, User
from accounts.signing_in import EmailBackend
from audit.models import AuditEntry
from tenants import context
from tests import builders, cast, sites
from tests.pages.conftest import sign_in

ANNA = "anna@mercedes-benz.com"
RIGHT = {"email": ANNA, "password": cast.PASSWORD}


@pytest.fixture
def anna(db: None) -> User:
    with context.inside(cast.MERCEDES.id):
        return builders.person(ANNA)


def test_the_home_page_sends_a_stranger_to_sign_in_and_back(anna: User, mercedes_site: sites.Site):
    sent = mercedes_site.get("/licenses/lic-1?cursor=x")
    assert sent.headers["Location"] == "/login?next=%2Flicenses%2Flic-1%3Fcursor%3Dx"
    back = mercedes_site.post("/login", RIGHT | {"next": "/licenses/lic-1?cursor=x"})
    assert (back.status_code, back.headers["Location"]) == (302, "/licenses/lic-1?cursor=x")


def test_case_and_space_around_the_address_do_not_matter(anna: User, mercedes_site: sites.Site):
    assert mercedes_site.post("/login", RIGHT | {"email": " Anna@Mercedes-Benz.com "}).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "http:///x"]
)
def test_next_never_leads_to_another_host(target: str, anna: User, mercedes_site: sites.Site):
    assert mercedes_site.post("/login", RIGHT | {"next": target}).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(anna: User, mercedes_site: sites.Site):
    wrong = mercedes_site.post("/login", RIGHT | {"password": "another pass phrase"})
    unknown = mercedes_site.post("/login", {"email": "nobody@mercedes-benz.com", "password": "another pass phrase"})
    assert wrong.status_code == unknown.status_code == 422
    message = b"This e-mail address and password don&#x27;t belong together here."
    assert message in wrong.content
    assert message in unknown.content
    assert "cl_session" not in mercedes_site.cookies


def test_a_refused_sign_in_is_audited_without_the_password(anna: User, mercedes_site: sites.Site):
    mercedes_site.post("/login", RIGHT | {"password": "another pass phrase"})
    with context.inside(cast.MERCEDES.id):
        entry = AuditEntry.objects.get(event="user.sign_in_refused")
    assert (entry.result, entry.code, entry.actor_label, entry.ip) == (
        "refused",
        "wrong_credentials",
        ANNA,
        "127.0.0.1",
    )
    assert "another pass phrase" not in str(vars(entry))


def test_one_tenants_person_is_nobody_at_another(anna: User, bmw_site: sites.Site):
    assert bmw_site.post("/login", RIGHT).status_code == 422


def test_a_session_is_worth_nothing_at_another_tenants_host(
    anna: User, mercedes_site: sites.Site, bmw_site: sites.Site
):
    sign_in(mercedes_site, ANNA)
    bmw_site.cookies = mercedes_site.cookies
    assert bmw_site.get("/").headers["Location"].startswith("/login")


def test_each_host_lets_only_its_own_people_in(db: None, apex: sites.Site, vendor_site: sites.Site):
    builders.person("sales@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    seller, operator = (
        {"email": email, "password": cast.PASSWORD} for email in ("sales@vector.example", "ops@cloudlicenses.example")
    )
    assert apex.post("/operator/login", seller).status_code == 422
    assert vendor_site.post("/login", operator).status_code == 422
    assert apex.post("/operator/login", operator).headers["Location"] == "/operator/"
    assert vendor_site.post("/login", seller).headers["Location"] == "/"


def test_a_sellers_session_opens_nothing_of_the_operators(seller: sites.Site, apex: sites.Site):
    apex.cookies = seller.cookies
    assert apex.get("/operator/").status_code == 403


def test_who_was_deactivated_is_out_at_once(anna: User, mercedes_site: sites.Site):
    sign_in(mercedes_site, ANNA)
    with context.inside(cast.MERCEDES.id):
        User.objects.update(is_active=False)
    assert mercedes_site.get("/").status_code == 302
    assert mercedes_site.post("/login", RIGHT).status_code == 422


def test_signing_in_takes_a_new_session_and_signing_out_ends_it(anna: User, mercedes_site: sites.Site):
    mercedes_site.get("/login")
    before = mercedes_site.cookies.get("cl_session")
    sign_in(mercedes_site, ANNA)
    during = mercedes_site.cookies["cl_session"].value
    assert before is None or before.value != during
    assert mercedes_site.post("/logout").headers["Location"] == "/login"
    mercedes_site.cookies["cl_session"] = during
    assert mercedes_site.get("/").status_code == 302


def test_signing_out_takes_a_form(anna: User, mercedes_site: sites.Site):
    sign_in(mercedes_site, ANNA)
    assert mercedes_site.get("/logout").status_code == 405
    assert mercedes_site.get("/").status_code == 200


def test_guessing_ends_after_ten_tries_at_an_account(anna: User, mercedes_site: sites.Site):
    for _ in range(10):
        assert mercedes_site.post("/login", RIGHT | {"password": "guess"}).status_code == 422
    refused = mercedes_site.post("/login", RIGHT)
    assert refused.status_code == 429
    assert b"Too many tries. Wait 1 minute, then try again." in refused.content


def test_an_account_that_is_guessed_at_does_not_shut_another_tenants_out(
    anna: User, mercedes_site: sites.Site, bmw_site: sites.Site
):
    for _ in range(11):
        mercedes_site.post("/login", RIGHT | {"password": "guess"})
    assert bmw_site.post("/login", RIGHT).status_code == 422


def test_one_address_may_not_try_many_accounts(anna: User, mercedes_site: sites.Site):
    for number in range(30):
        assert mercedes_site.post("/login", {"email": f"{number}@x.example", "password": "guess"}).status_code == 422
    assert mercedes_site.post("/login", RIGHT).status_code == 429


def test_a_form_without_its_token_is_refused_in_words(anna: User):
    site = sites.strict(sites.tenant(cast.MERCEDES.id).host)
    refused = site.post("/login", RIGHT)
    assert refused.status_code == 403
    assert b"This form was open for too long, or cookies are off." in refused.content


def test_pages_of_people_are_kept_by_no_cache(anna: User, mercedes_site: sites.Site):
    sign_in(mercedes_site, ANNA)
    assert mercedes_site.get("/").headers["Cache-Control"] == "private, no-store"


def test_blanks_around_an_address_are_no_further_tries(anna: User, mercedes_site: sites.Site):
    for number in range(10):
        padded = " " * (245 + number) + ANNA + " " * number
        assert mercedes_site.post("/login", {"email": padded, "password": "guess"}).status_code == 422
    assert mercedes_site.post("/login", RIGHT).status_code == 429


def test_blanks_around_an_address_are_no_further_letters(anna: User, mercedes_site: sites.Site):
    answers = [mercedes_site.post("/forgotten-password", {"email": " " * (240 + n) + ANNA}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_somebody_deactivated_is_as_much_work_as_anybody(anna: User, monkeypatch: pytest.MonkeyPatch):
    """What hashing costs is what a stranger could measure."""
    hasher, hashed = type(get_hasher()), list[str]()
    encode = hasher.encode

    def counted(self: BasePasswordHasher, *said: Any, **more: Any) -> str:
        hashed.append("once")
        return encode(self, *said, **more)

    monkeypatch.setattr(hasher, "encode", counted)
    with context.inside(cast.MERCEDES.id):
        work = []
        for is_active, email in ((True, ANNA), (False, ANNA), (True, "nobody@mercedes-benz.com")):
            User.objects.update(is_active=is_active)
            hashed.clear()
            assert EmailBackend().authenticate(None, email, "another pass phrase") is None
            work.append(len(hashed))
    assert work == [1, 1, 1]


@pytest.mark.parametrize(("trusted", "status"), [(["127.0.0.0/8"], 302), ([], 403)])
def test_forms_work_behind_the_proxy_that_ends_tls(anna: User, settings: Settings, trusted: list[str], status: int):
    """A browser says `https` in its Origin; who talks to us in plain HTTP is the proxy, and only it is believed."""
    settings.TRUSTED_PROXIES = [ipaddress.ip_network(one) for one in trusted]
    browser = Client(
        enforce_csrf_checks=True, headers={"host": "mercedes.localhost:8000", "x-forwarded-proto": "https"}
    )
    token = browser.get("/login").cookies["cl_csrf"].value
    sent = RIGHT | {"csrfmiddlewaretoken": token}
    answer = browser.post("/login", sent, headers={"origin": "https://mercedes.localhost:8000"})
    assert answer.status_code == status
    stranger = browser.post("/login", sent, headers={"origin": "https://bmw.localhost:8000"})
    assert stranger.status_code == 403
