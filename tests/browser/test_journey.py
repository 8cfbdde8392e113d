"""The story as its people click it, on all three hosts, at a desk by day, on a phone by night. DNS and seats are real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts import invitations
from accounts.models import Invitation, Role
from billing import rollup
from cloudlicenses.kit import clock, months
from licensing import reclaim
from licensing.models import Lease
from tenants import context
from tenants.models import SweepDue
from tests import builders, cast, servers
from tests.billing import history
from tests.browser.conftest import Visit
from tests.licensing.workstations import Workstation
from tests.tenants import authority

MERCEDES = cast.MERCEDES.id
BOTH = pytest.mark.parametrize("look", [{}, {"dark": True, "phone": True}], ids=["desk, light", "phone, dark"])
Look = dict[str, bool]


@pytest.fixture
def dns() -> Iterator[authority.Authority]:
    with authority.running() as running:
        yield running


@pytest.fixture
def server(dns: authority.Authority, committed: None) -> Iterator[servers.Server]:
    """One that asks this test's own DNS."""
    with servers.running(DNS_RESOLVERS=f"127.0.0.1:{dns.port}") as running:
        yield running


@BOTH
def test_a_company_proves_its_domain_and_its_administrator_comes_in(look: Look, visit: Visit, dns: authority.Authority):
    company = visit(**look)
    page = company.open("/")
    page.get_by_role("link", name="Choose Professional").click()
    page.get_by_label("Company", exact=True).fill("ACME GmbH")
    page.get_by_label("Domain of the company").fill("acme.example")
    expect(page.get_by_label("Address of your space")).to_have_value("acme")
    expect(page.get_by_role("radio", name="Professional")).to_be_checked()
    page.get_by_label("Country").select_option(label="Germany")
    page.get_by_label("Your e-mail address").fill("ada@acme.example")
    page.get_by_role("button", name="Sign up").click()

    name, value = page.locator("#record-name").inner_text(), page.locator("#record-value").inner_text()
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text("waiting for it")).to_be_visible()
    dns.say(name, value)
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text("Your space is ready.")).to_be_visible(timeout=30_000)

    with context.inside("acme"):
        invited = Invitation.objects.select_related("user").get()
        path = "/invitations/" + invitations.link_of(invited).rpartition("/")[2]
    page = company.open(path, host="acme")
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    page.get_by_label("Password, once more").fill(cast.PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_text("Tell your vendors who you are")).to_be_visible()


@BOTH
def test_seats_fill_through_commit_and_overage_to_a_refusal_and_come_back(
    look: Look, visit: Visit, server: servers.Server
):
    """Two commit, one overage, then no more; the workstation that died gives its seat back without doing anything."""
    with context.inside(MERCEDES):
        builders.granted("lic-1", total_licenses=3, commit_qty=2, max_overage=1)
        builders.person("anna@mercedes-benz.com")
        workstation = Workstation(server, builders.tenant_key())
    anna = visit(**look)
    page = anna.sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1")
    expect(page.get_by_text("Nobody holds a seat now.")).to_be_visible()
    seats = [_seat(workstation, user) for user in ("ada", "bert", "cara")]
    for seat, kind in zip(seats, ("commit", "commit", "overage"), strict=True):
        expect(page.locator(f"#{seat}")).to_contain_text(kind)
    refused = workstation.check_out(user="dora")
    assert (refused.status_code, refused.json()["code"]) == (409, "max_overage_exceeded")
    page.reload()
    expect(page.get_by_text("all overage in use")).to_be_visible()
    page.locator(f"#take-{seats[0]}").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The seat of ada is free again.")).to_be_visible()

    with context.inside(MERCEDES):
        Lease.objects.filter(pk=seats[1]).update(expires_at=clock.now() - timedelta(minutes=1))
    with context.platform():
        SweepDue.objects.update(due_at=clock.now() - timedelta(seconds=1))
    reclaim.reclaim_due()
    expect(page.locator(f"#{seats[1]}")).to_have_count(0)  # without a reload
    expect(page.locator("#seats-in-use tbody tr")).to_have_count(1)


@BOTH
def test_both_sides_read_the_same_27000(look: Look, visit: Visit):
    last = months.preceding(months.month_of(clock.now()))
    license_ = history.sold(to=history.customer())
    history.checkouts(license_, 44, at=months.start_of(last) + timedelta(days=3))
    rollup.close_month(last)
    with context.inside(MERCEDES):
        builders.granted("lic-1")
        builders.person("anna@mercedes-benz.com")
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)

    vendor = visit(**look)
    vendor.sign_in("owner@vector.example", host="vendors")
    page = vendor.open("/billing", host="vendors")
    page.get_by_role("link", name="Month before").click()
    expect(page.get_by_text("closed", exact=True)).to_be_visible()
    _reads_27000(page)
    page.get_by_role("link", name=cast.MERCEDES.company_name).click()
    _reads_27000(page)

    customer = visit(**look)
    customer.sign_in("anna@mercedes-benz.com", host=MERCEDES)
    page = customer.open(f"/costs?period={months.label(last)}", host=MERCEDES)
    _reads_27000(page)
    expect(page.get_by_text("44 checkouts")).to_be_visible()


def _reads_27000(page: Page) -> None:
    for figure in ("5,000.00\xa0EUR", "22,000.00\xa0EUR", "27,000.00\xa0EUR"):
        expect(page.get_by_text(figure, exact=True).locator("visible=true").first).to_be_visible()


def _seat(workstation: Workstation, user: str) -> str:
    answer = workstation.check_out(user=user)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["lease_id"])
