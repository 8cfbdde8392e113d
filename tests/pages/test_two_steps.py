"""Signing in with a second factor, and proving it again; all through the pages."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pyotp
import pytest

from accounts import passwords, second_factors, totp
from accounts.models import Role, Totp, User
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import inside
from tests import builders, cast, sites
from tests.accounts.conftest import Pass, let_pass
from tests.pages.conftest import sign_in

__all__ = ["let_pass"]

ANNA = "anna@mercedes-benz.com"
RIGHT = {"email": ANNA, "password": cast.PASSWORD}


@pytest.fixture
def codes(db: None, let_pass: Pass) -> list[str]:
    """Anna has an app; these are her recovery codes."""
    with inside(cast.MERCEDES.id):
        anna = builders.person(ANNA)
        totp.begin(anna)
        made = totp.confirm(anna, code(), actor=SYSTEM)
    let_pass(timedelta(minutes=2))
    return made


def code() -> str:
    with inside(cast.MERCEDES.id):
        return pyotp.TOTP(totp.secret_of(Totp.objects.get())).at(clock.now())


def test_the_password_alone_lets_nobody_in(codes: list[str], mercedes_site: sites.Site):
    answer = mercedes_site.post("/login", RIGHT | {"next": "/keys"})
    assert answer.headers["Location"] == "/login/code"
    assert mercedes_site.get("/").status_code == 302
    assert mercedes_site.ask("GET", "/api/v1/licenses").status_code == 401


def test_a_code_lets_in_and_on_to_where_one_was_going(codes: list[str], mercedes_site: sites.Site):
    mercedes_site.post("/login", RIGHT | {"next": "/keys"})
    half_way = mercedes_site.cookies["cl_session"].value
    answer = mercedes_site.post("/login/code", {"code": code()})
    assert answer.headers["Location"] == "/keys"
    assert mercedes_site.cookies["cl_session"].value != half_way
    assert mercedes_site.get("/").status_code == 200


def test_a_code_that_was_used_is_refused_in_another_browser(codes: list[str], mercedes_site: sites.Site):
    used = code()
    for site, status in ((mercedes_site, 302), (sites.tenant(cast.MERCEDES.id), 422)):
        site.post("/login", RIGHT)
        assert site.post("/login/code", {"code": used}).status_code == status


def test_a_recovery_code_lets_in_once(codes: list[str], mercedes_site: sites.Site):
    for status in (302, 422):
        site = sites.tenant(cast.MERCEDES.id)
        site.post("/login", RIGHT)
        assert site.post("/login/code", {"code": codes[0]}).status_code == status


def test_codes_can_not_be_guessed(codes: list[str], mercedes_site: sites.Site):
    mercedes_site.post("/login", RIGHT)
    for _ in range(10):
        assert mercedes_site.post("/login/code", {"code": "000000"}).status_code == 422
    assert mercedes_site.post("/login/code", {"code": code()}).status_code == 429


def test_ten_minutes_later_the_password_must_be_shown_again(
    codes: list[str], mercedes_site: sites.Site, let_pass: Pass
):
    mercedes_site.post("/login", RIGHT)
    let_pass(timedelta(minutes=11))
    answer = mercedes_site.post("/login/code", {"code": code()})
    assert answer.headers["Location"] == "/login"
    assert mercedes_site.get("/").status_code == 302


def test_the_second_step_is_for_nobody_else(db: None, mercedes_site: sites.Site):
    assert mercedes_site.get("/login/code").headers["Location"] == "/login"
    assert mercedes_site.post("/login/code", {"code": "123456"}).headers["Location"] == "/login"


def test_a_role_that_needs_a_factor_opens_nothing_but_its_enrolment(owner: sites.Site):
    with inside(cast.MERCEDES.id):
        second_factors.require_of([Role.OWNER], actor=SYSTEM)
    for path in ("/", "/keys", "/users", "/account/tokens"):
        assert owner.get(path).headers["Location"] == "/account/security"
    assert owner.ask("GET", "/api/v1/licenses").json()["code"] == "second_factor_required"
    assert b"Your role needs a second factor" in owner.get("/account/security").content
    page = owner.get("/account/app").content.decode()
    assert "<svg" in page
    shown = owner.post("/account/app", {"code": code()})
    assert shown.status_code == 201
    with inside(cast.MERCEDES.id):
        assert totp.secret_of(Totp.objects.get()) in page
    assert owner.get("/keys").status_code == 200


def test_dangerous_acts_ask_again_after_a_while(owner: sites.Site, let_pass: Pass):
    assert owner.get("/users/invite").status_code == 200
    let_pass(timedelta(minutes=16))
    assert owner.get("/users/invite").headers["Location"] == "/account/confirm?next=%2Fusers%2Finvite"
    assert owner.get("/users").status_code == 200
    wrong = owner.post("/account/confirm", {"password": "another pass phrase", "next": "/users/invite"})
    assert wrong.status_code == 422
    right = owner.post("/account/confirm", {"password": cast.PASSWORD, "next": "/users/invite"})
    assert right.headers["Location"] == "/users/invite"
    assert owner.get("/users/invite").status_code == 200


def test_a_form_that_was_opened_in_time_may_be_sent_a_while_later(owner: sites.Site, let_pass: Pass):
    let_pass(timedelta(minutes=20))
    invited = {"email": "new@mercedes-benz.com", "role": "viewer"}
    assert owner.post("/users/invite", invited).headers["Location"] == "/users"
    let_pass(timedelta(minutes=20))
    assert owner.post("/users/invite", invited).headers["Location"] == "/account/confirm"


@pytest.mark.parametrize(
    "path", ["/account/password", "/account/sessions/end-others", "/users/invite", "/login/passkey/question"]
)
def test_no_form_of_anothers_page_does_anything(owner: sites.Site, path: str):
    strict = sites.strict(owner.host)
    strict.cookies = owner.cookies
    assert strict.post(path, {}).status_code == 403


def test_guessing_from_elsewhere_does_not_shut_a_known_device_out(db: None, mercedes_site: sites.Site):
    with inside(cast.MERCEDES.id):
        builders.person(ANNA)
    sign_in(mercedes_site, ANNA)
    mercedes_site.post("/logout")
    stranger = sites.tenant(cast.MERCEDES.id)
    for _ in range(10):
        stranger.post("/login", RIGHT | {"password": "guess"})
    assert stranger.post("/login", RIGHT).status_code == 429
    assert mercedes_site.post("/login", RIGHT).status_code == 302


def test_the_wait_doubles_with_every_further_try(db: None, mercedes_site: sites.Site, let_pass: Pass):
    def tried() -> int:
        return mercedes_site.post("/login", RIGHT | {"password": "guess"}).status_code

    assert [tried() for _ in range(11)] == [422] * 10 + [429]
    let_pass(timedelta(seconds=61))
    assert [tried(), tried()] == [422, 429]
    let_pass(timedelta(seconds=61))
    assert tried() == 429
    let_pass(timedelta(seconds=60))
    assert [tried(), tried()] == [422, 429]


def test_a_profile_decides_the_language_and_the_zone(owner: sites.Site):
    assert owner.post("/account", {"name": "Anna A.", "language": "", "time_zone": "Europe/Berlin"}).status_code == 302
    with inside(cast.MERCEDES.id):
        anna = User.objects.get(email="owner@mercedes-benz.com")
    assert (anna.name, anna.language, anna.time_zone) == ("Anna A.", "", "Europe/Berlin")
    assert 'data-zone="Europe/Berlin"' in owner.get("/account").content.decode()
    assert owner.post("/account", {"time_zone": "Mars/Base"}).status_code == 422


def test_a_token_may_do_what_it_was_made_for_and_no_more(owner: sites.Site):
    made = owner.post("/account/tokens/create", {"name": "reports", "days": "30", "scopes": ["costs:read"]})
    assert made.status_code == 201
    text = made.content.decode().split('<pre id="token-text">')[1].partition("</pre>")[0]
    site = sites.tenant(cast.MERCEDES.id)
    assert site.ask("GET", "/api/v1/costs", key=text).status_code == 200
    assert site.ask("GET", "/api/v1/keys", key=text).json()["code"] == "role_not_allowed"
    listed = owner.get("/account/tokens").content.decode()
    assert "reports" in listed
    assert text not in listed
    address = listed.split('href="/account/tokens/')[2].partition('"')[0]
    assert owner.post(f"/account/tokens/{address}").status_code == 302
    assert site.ask("GET", "/api/v1/costs", key=text).json()["code"] == "token_revoked"


def test_a_password_that_was_changed_meanwhile_leads_to_no_second_step(codes: list[str], mercedes_site: sites.Site):
    mercedes_site.post("/login", RIGHT)
    with inside(cast.MERCEDES.id):
        anna = User.objects.get(email=ANNA)
        passwords.set_new(anna, "quite another long sentence", event="user.password_reset", actor=SYSTEM)
    assert mercedes_site.get("/login/code").headers["Location"] == "/login"
    assert mercedes_site.post("/login/code", {"code": code()}).headers["Location"] == "/login"
    assert mercedes_site.get("/").status_code == 302


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://mercedes.localhost:8000/users/2?from=list", "/users/2?from=list"),
        ("http://bmw.localhost:8000/users/2", ""),
        ("http://mercedes.localhost:8000//evil.example/x", "//evil.example/x"),  # asked once more when it is followed
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_after_the_proof_one_is_back_at_the_form_one_sent(owner: sites.Site, let_pass: Pass, page: str, back: str):
    let_pass(timedelta(minutes=40))
    asked = owner.post("/users/2/invite-again", headers={"referer": page}).headers["Location"]
    assert asked == "/account/confirm" + (f"?{urlencode({'next': back})}" if back else "")
    shown = owner.get(asked).context["next"]
    assert shown == ("/" if "evil" in back else back or "/")
    proved = owner.post("/account/confirm", {"password": cast.PASSWORD, "next": shown})
    assert proved.headers["Location"] == shown


def test_who_fails_to_prove_themselves_is_audited(owner: sites.Site):
    owner.post("/account/confirm", {"password": "another pass phrase"})
    with inside(cast.MERCEDES.id):
        entry = AuditEntry.objects.get(event="user.confirmation_refused")
    assert (entry.code, entry.actor_label, entry.result) == ("wrong_password", "owner@mercedes-benz.com", "refused")
    assert "another pass phrase" not in str(vars(entry))
