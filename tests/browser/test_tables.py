"""Tables are sorted and their pages turned where they stand: nothing is loaded, the focus stays, and what is shown is read out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_accessibility import check
from tests.browser.test_budgets import FURTHER, Meter

MERCEDES = cast.MERCEDES.id
LICENSES = 110  # three pages


@pytest.fixture
def customer(visit: Visit) -> Visitor:
    with context.inside(MERCEDES):
        builders.person("anna@mercedes-benz.com")
        for number in range(LICENSES):
            builders.granted(f"lic-{number:03}")
    visitor = visit()
    visitor.sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses")
    return visitor


def shown(page: Page) -> tuple[str, int]:
    rows = page.locator("#licenses tbody tr")
    return rows.first.get_attribute("id") or "", rows.count()


def test_pages_are_turned_by_keyboard_without_losing_the_place(customer: Visitor):
    page, following = customer.page, customer.page.locator("#pager-next")
    page.evaluate("window.isSamePage = true")
    meter = Meter(customer.context.new_cdp_session(page))
    following.press("Enter")
    expect(page.locator("#announcer")).to_have_text("The next 50 rows are shown.")
    assert shown(page) == ("license-lic-050", 50)
    expect(following).to_be_focused()
    assert "cursor=" in page.url
    assert (len(meter.loaded), meter.weight() < FURTHER / 2) == (1, True)
    assert page.locator("tr.is-new").count() == 0, "what was asked for is no news"
    check(page)

    page.locator("#pager-next").press("Enter")
    expect(page.locator("#announcer")).to_have_text("The last 10 rows are shown.")
    assert shown(page) == ("license-lic-100", 10)
    expect(page.locator("#pager-first")).to_be_focused()
    page.locator("#pager-first").press("Enter")
    expect(page.locator("#announcer")).to_have_text("The first 50 rows are shown.")
    assert shown(page) == ("license-lic-000", 50)
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page.locator("#license-lic-109")).to_be_visible()


def test_a_page_that_was_turned_to_goes_on_following(customer: Visitor):
    page = customer.page
    page.locator("#pager-next").click()
    expect(page.locator("#announcer")).to_have_text("The next 50 rows are shown.")
    top = page.locator("#licenses").evaluate("part => part.getBoundingClientRect().top")
    assert top >= 0, "whoever points reads on from the top"
    with context.inside(MERCEDES):
        builders.leased(builders.granted("lic-050a"), "lease-1")
    with page.expect_response(lambda answer: answer.url == page.url):
        page.evaluate("htmx.trigger(document.getElementById('licenses'), 'live')")
    expect(page.locator("#license-lic-050a")).to_be_visible()
    assert shown(page) == ("license-lic-050", 50)


def test_what_was_asked_for_before_the_page_was_turned_comes_too_late(customer: Visitor):
    """A fragment that follows events was on its way while somebody turned the page: the first page must not come back."""
    page, late = customer.page, []
    customer.context.route("**/licenses", lambda route: late.append(route))
    page.evaluate("htmx.trigger(document.getElementById('licenses'), 'live')")
    page.locator("#pager-next").press("Enter")
    expect(page.locator("#license-lic-050")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/licenses")):
        late[0].continue_()
    page.wait_for_timeout(300)
    assert shown(page) == ("license-lic-050", 50)


def test_a_sorted_table_says_so(customer: Visitor):
    page = customer.page
    head = page.get_by_role("columnheader", name="Product")
    head.get_by_role("link").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#announcer")).to_have_text("Sorted by Product, descending")


def test_whoever_is_no_longer_signed_in_is_led_to_the_door(customer: Visitor):
    customer.context.clear_cookies()
    customer.page.locator("#pager-next").click()
    expect(customer.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_vendors_tables_turn_alike_and_as_links_without_scripts(visit: Visit):
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    for number in range(60):
        builders.issued(f"lic-{number:03}", tenant_id=MERCEDES, status="provisioned", provisioned_at=builders.LONG_AGO)
    for visitor in (visit(), visit(scripts=False, phone=True)):
        page = visitor.sign_in("owner@vector.example", host="vendors", path="/login?next=/licenses")
        before = {row.get_attribute("id") for row in page.locator("#licenses tbody tr").all()}
        page.locator("#pager-next").click()
        expect(page.locator("#licenses tbody tr")).to_have_count(10)
        assert not before & {row.get_attribute("id") for row in page.locator("#licenses tbody tr").all()}
        expect(page.locator("#pager-next")).to_have_count(0)
        page.go_back()
        expect(page.locator("#licenses tbody tr")).to_have_count(50)


def test_an_operators_table_turns_alike(visit: Visit):
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    for _ in "ab":  # two entries of the log
        operator = visit()
        operator.sign_in("ops@cloudlicenses.example", path="/operator/login")
    page = operator.open("/operator/audit?limit=1")
    page.evaluate("window.isSamePage = true")
    page.locator("#pager-next").press("Enter")
    expect(page.locator("#pager-first")).to_be_visible()
    assert page.evaluate("window.isSamePage")
