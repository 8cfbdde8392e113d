"""The story's steps that people click, each by the person who clicks it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from playwright.sync_api import expect

from accounts import invitations
from accounts.models import Invitation, Role
from cloudlicenses.kit.actor import SYSTEM
from keys import recognising
from keys.models import ApiKey
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit

MERCEDES = cast.MERCEDES.id
TERMS: dict[str, Any] = {
    "total_licenses": 20, "commit_qty": 5, "max_overage": 15,
    "overage_per_use": Decimal("500.00"), "commit_fee_monthly": Decimal("5000.00"),
}  # fmt: skip


def test_the_administrator_accepts_sees_the_license_and_makes_a_key(visit: Visit):
    with context.inside(MERCEDES):
        builders.granted("lic-vector-mercedes-2025-001", **TERMS)
        invited = invitations.invite(email="anna@mercedes-benz.com", name="Anna", role=Role.OWNER, actor=SYSTEM)
        path = "/invitations/" + invitations.link_of(invited).rpartition("/")[2]

    anna = visit()
    page = anna.open(path, host=MERCEDES)
    expect(page.get_by_role("heading", name="Welcome, Anna")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    page.get_by_label("Password, once more").fill(cast.PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()

    page.get_by_role("link", name="DaVinci Configurator SE").click()
    expect(page.get_by_text("20 licenses (5 commit, 15 overage)")).to_be_visible()
    page.get_by_role("link", name="Generate a key for it").click()
    page.get_by_label("Application or workstation").fill("Workstation 042")
    page.get_by_label("Only on these hosts").fill("dev-ws-042.mercedes.com")
    page.get_by_label("Only from these networks").fill("10.1.0.0/16")
    expect(page.get_by_role("checkbox", name="DaVinci Configurator SE")).to_be_checked()
    page.get_by_role("button", name="Generate the key").click()

    expect(page.get_by_role("heading", name="The key of Workstation 042")).to_be_visible()
    text = page.locator("#key-text").inner_text()
    page.get_by_role("button", name="Copy the environment").click()
    expect(page.get_by_role("button", name="Copy the environment")).to_contain_text("Copied")
    assert anna.pasted() == f"export LICENSE_SERVER_URL=http://mercedes.localhost:8000\nexport LICENSE_API_KEY={text}"
    with context.inside(MERCEDES):
        assert recognising.find(text, recognising.APPLICATION).owner == MERCEDES

    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Revoke the key of Workstation 042").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("The key of Workstation 042 is revoked.")).to_be_visible()
    with context.inside(MERCEDES):
        assert ApiKey.objects.get().revoked_at is not None


def test_an_operator_creates_a_vendor_whose_first_user_signs_in(visit: Visit):
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    operator = visit()
    page = operator.sign_in("ops@cloudlicenses.example", path="/operator/login")
    page.get_by_role("link", name="Vendors").click()
    page.get_by_role("link", name="Create a vendor").click()
    page.get_by_label("Company").fill("dSPACE GmbH")
    page.get_by_label("Vendor id").fill("dspace")
    page.get_by_label("E-mail address").fill("sales@dspace.example")
    page.get_by_role("button", name="Create the vendor").click()
    expect(page.get_by_role("heading", name="dSPACE GmbH can begin")).to_be_visible()
    assert page.locator("#key-text").inner_text().startswith("clvk_dspace_")

    path = "/invitations/" + invitations.link_of(_invitation_of("sales@dspace.example")).rpartition("/")[2]
    seller = visit()
    portal = seller.open(path, host="vendors")
    portal.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    portal.get_by_label("Password, once more").fill(cast.PASSWORD)
    portal.get_by_role("button", name="Set password and sign in").click()
    expect(portal.get_by_role("heading", name="dSPACE GmbH", level=1)).to_be_visible()
    expect(portal.get_by_text("Sell your first license")).to_be_visible()


def test_a_company_signs_up_and_its_page_tells_when_the_address_works(visit: Visit):
    company = visit()
    page = company.open("/signup")
    page.get_by_label("Company", exact=True).fill("ACME GmbH")
    page.get_by_label("Address of your space").fill("acme")
    page.get_by_label("Domain of the company").fill("acme.example")
    page.get_by_label("Your e-mail address").fill("ada@acme.example")
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("#record-name")).to_have_text("_cloudlicenses.acme.example")

    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    operator = visit()
    desk = operator.sign_in("ops@cloudlicenses.example", path="/operator/login")
    desk.get_by_role("link", name="Registrations").click()
    desk.get_by_role("link", name="Verify by hand: ACME GmbH").click()
    desk.get_by_role("button", name="I vouch for it").click()
    expect(desk.get_by_text("ACME GmbH is verified.")).to_be_visible()

    expect(page.get_by_text("Your space is ready.")).to_be_visible(timeout=15_000)  # without a reload
    page.get_by_role("link", name="acme.localhost:8000").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_everything_works_without_javascript(visit: Visit):
    with context.inside(MERCEDES):
        builders.granted("lic-1", **TERMS)
        builders.person("anna@mercedes-benz.com")
    plain = visit(scripts=False, phone=True)
    page = plain.sign_in("anna@mercedes-benz.com", host=MERCEDES)
    page.get_by_role("link", name="DaVinci Configurator SE").click()
    expect(page.get_by_text("20 licenses (5 commit, 15 overage)")).to_be_visible()
    page.get_by_role("link", name="API keys").click()
    page.get_by_role("link", name="Generate a key").click()
    page.get_by_label("Application or workstation").fill("Workstation 042")
    page.get_by_role("button", name="Generate the key").click()
    expect(page.locator("#key-text")).to_contain_text("clsk_mercedes_")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _invitation_of(email: str) -> Invitation:
    return Invitation.objects.select_related("user").get(user__email=email)
