"""How people get in, as they click it: a forgotten password, an authenticator app, a passkey, and where else they are signed in."""

from __future__ import annotations

import time

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts import resets
from accounts.models import Passkey, Role
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_accessibility import check

MERCEDES = cast.MERCEDES.id
ANNA = "anna@mercedes-benz.com"
NEW = "quite another long sentence"


@pytest.fixture
def anna(visit: Visit) -> Visitor:
    with context.inside(MERCEDES):
        builders.person(ANNA)
    return visit()


def test_a_forgotten_password(anna: Visitor):
    page = anna.open("/login", host=MERCEDES)
    check(page)
    page.get_by_role("link", name="Forgotten your password?").click()
    check(page)
    page.get_by_label("E-mail address").fill(ANNA)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    check(page)
    with context.inside(MERCEDES):
        reset = resets.open_for(ANNA, asked_in="evt-1")
        assert reset is not None
        path = "/resets/" + resets.link_of(reset).rpartition("/")[2]
    page = anna.open(path, host=MERCEDES)
    check(page)
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_label("Password, once more").fill("password1234")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("This password would be guessed soon.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_label("Password, once more").fill(NEW)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("Your password is changed. Sign in with it.")).to_be_visible()
    page.get_by_label("E-mail address").fill(ANNA)
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out", exact=True).first).to_be_visible()
    assert "/login" not in page.url


def test_an_authenticator_app_from_its_enrolment_to_a_recovery_code(anna: Visitor):
    anna.sign_in(ANNA, host=MERCEDES)
    page = anna.open("/account/security", host=MERCEDES)
    check(page)
    page.get_by_role("link", name="Add an app").click()
    expect(page.locator(".qr svg")).to_be_visible()
    check(page)
    page.get_by_text("It can't be scanned?").click()
    app = pyotp.TOTP(page.locator("#app-secret").inner_text())
    page.get_by_label("Code from the app").fill(app.now())
    page.get_by_role("button", name="Add the app").click()
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    check(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    check(page)

    sign_out(page)
    anna.sign_in(ANNA, host=MERCEDES)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    check(page)
    page.get_by_label("Code").fill(app.at(int(time.time()) + 30))  # the present one was used up by enrolling
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_hidden()

    sign_out(page)
    anna.sign_in(ANNA, host=MERCEDES)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    anna.open("/account/security", host=MERCEDES)
    expect(page.get_by_text("9 codes left")).to_be_visible()


def test_a_passkey_is_added_and_lets_in_without_a_password(anna: Visitor):
    device(anna.page)
    anna.sign_in(ANNA, host=MERCEDES)
    page = anna.open("/account/security", host=MERCEDES)
    page.get_by_label("Name of the passkey").fill("Anna's laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Anna's laptop")).to_be_visible()
    check(page)

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    with context.inside(MERCEDES):
        assert Passkey.objects.get().last_used_at is not None

    sign_out(page)
    anna.sign_in(ANNA, host=MERCEDES)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    anna.open("/account/security", host=MERCEDES)
    page.get_by_role("link", name="Remove the passkey Anna's laptop").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey is not known here.")).to_be_visible()


def add_passkey(anna: Visitor, name: str) -> Page:
    page = anna.open("/account/security", host=MERCEDES)
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    return page


def test_a_device_that_says_no_is_told_of_in_words_and_may_be_asked_again(anna: Visitor):
    wire, authenticator = device(anna.page)
    anna.sign_in(ANNA, host=MERCEDES)
    verified = {"authenticatorId": authenticator, "isUserVerified": False}
    wire.send("WebAuthn.setUserVerified", verified)
    page = add_passkey(anna, "Anna's laptop")
    expect(page.get_by_text("No passkey was added: the question was closed")).to_be_visible()
    check(page)
    wire.send("WebAuthn.setUserVerified", verified | {"isUserVerified": True})
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page = add_passkey(anna, "The same laptop")
    expect(page.get_by_text("This device has a passkey of yours already.")).to_be_visible()
    with context.inside(MERCEDES):
        assert [passkey.name for passkey in Passkey.objects.all()] == ["Anna's laptop"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_browser_without_passkeys_says_so(scripts: bool, visit: Visit):
    with context.inside(MERCEDES):
        builders.person(ANNA)
    plain = visit(scripts=scripts)
    plain.context.add_init_script("delete window.PublicKeyCredential")
    plain.sign_in(ANNA, host=MERCEDES)
    page = plain.open("/account/security", host=MERCEDES)
    expect(page.get_by_text("Passkeys do not work here.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_another_browser_is_signed_out(anna: Visitor, visit: Visit):
    anna.sign_in(ANNA, host=MERCEDES)
    other = visit(phone=True)
    other.sign_in(ANNA, host=MERCEDES)
    page = anna.open("/account/security", host=MERCEDES)
    expect(page.get_by_text("this browser")).to_have_count(1)
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("1 other browser is signed out.")).to_be_visible()
    expect(other.open("/keys", host=MERCEDES).get_by_role("heading", name="Sign in")).to_be_visible()


def test_pages_of_accounts_and_teams(anna: Visitor):
    with context.inside(MERCEDES):
        vera = builders.person("vera@mercedes-benz.com", role=Role.VIEWER)
    anna.sign_in(ANNA, host=MERCEDES)
    for path in ("/account", "/account/password", "/account/tokens", "/account/tokens/create", "/account/confirm", "/users",
                 "/users/invite", "/users/policy", f"/users/{vera.pk}", f"/users/{vera.pk}/deactivate"):  # fmt: skip
        check(anna.open(path, host=MERCEDES))
    page = anna.open("/account/tokens/create", host=MERCEDES)
    page.get_by_label("What it is for").fill("Reports")
    page.get_by_label("costs:read").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token-text")).to_contain_text("clpt_mercedes_")
    check(page)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def device(page: Page) -> tuple[CDPSession, str]:
    """Chromium's own virtual authenticator, a platform one that verifies its person: the wire to it, and its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(added["authenticatorId"])
