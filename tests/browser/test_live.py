"""Pages that follow what happens, without being reloaded."""

from __future__ import annotations

from playwright.sync_api import expect

from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit

MERCEDES = cast.MERCEDES.id


def test_without_a_stream_the_page_asks_now_and_then_and_says_so(visit: Visit):
    with context.inside(MERCEDES):
        license_ = builders.granted("lic-1")
        builders.leased(license_, user="anna")
        builders.person("anna@mercedes-benz.com")
    anna = visit()
    anna.context.route("**/api/v1/events/stream**", lambda route: route.fulfill(status=503))
    anna.context.clock.install()
    page = anna.sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1")
    expect(page.locator("#seats-in-use tbody tr")).to_have_count(1)
    with context.inside(MERCEDES):
        builders.leased(license_, "lease-2", user="bert")
    for _ in range(12):
        page.clock.run_for(10_000)
        page.wait_for_timeout(100)  # of real time, for real answers
    expect(page.locator("#live-state")).to_have_text("Updated now and then")
    expect(page.locator("#lease-2")).to_contain_text("bert")
