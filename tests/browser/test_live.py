"""Pages that follow what happens, without being reloaded."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit
from tests.licensing.workstations import Workstation
from tests.servers import Server

MERCEDES = cast.MERCEDES.id
THOUSAND = """
async seat => {
    const body = document.getElementById(seat).parentNode, row = document.getElementById(seat).outerHTML;
    const rows = count => Array.from({length: count}, (_, n) => row.replaceAll(seat, "lease-" + n)).join("");
    body.innerHTML = rows(1000);
    const part = document.getElementById("seats-in-use");
    const fresh = part.cloneNode(true);
    fresh.querySelector("tbody").insertAdjacentHTML("afterbegin", row);
    let touched = 0;
    const watcher = new MutationObserver(seen => { touched += seen.length; });
    watcher.observe(part, {subtree: true, childList: true, attributes: true, characterData: true});
    const began = performance.now();
    Idiomorph.morph(part, fresh.outerHTML, {morphStyle: "outerHTML"});
    const milliseconds = Math.round(performance.now() - began);
    touched += watcher.takeRecords().length;
    return {rows: part.querySelectorAll("tbody tr").length, touched, milliseconds};
}
"""


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


def _seat(workstation: Workstation, user: str) -> str:
    answer = workstation.check_out(user=user)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["lease_id"])


@pytest.fixture
def workstation(server: Server) -> Workstation:
    """Mercedes with a license of many seats, a person who signs in, and a key."""
    with context.inside(MERCEDES):
        builders.granted("lic-1", total_licenses=2000, commit_qty=1000, max_overage=1000)
        builders.person("anna@mercedes-benz.com")
        return Workstation(server, builders.tenant_key(checkouts_per_minute=100_000, requests_per_hour=100_000))


def test_two_people_see_a_checkout_at_once_and_lose_neither_focus_nor_place(visit: Visit, workstation: Workstation):
    first = _seat(workstation, "anna")
    pages = [visit().sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1") for _ in "ab"]
    for page in pages:
        expect(page.locator("#live-state")).to_have_text("Live")
        page.locator(f"#take-{first}").focus()
        page.evaluate("row => { window.rowBefore = document.getElementById(row); }", first)
    began = time.monotonic()
    second = _seat(workstation, "bert")
    for page in pages:
        expect(page.locator(f"#{second}")).to_contain_text("bert")
    print(f"seen by both after {time.monotonic() - began:.2f} s")
    for page in pages:
        assert page.evaluate("document.activeElement.id") == f"take-{first}"
        assert page.evaluate("row => window.rowBefore === document.getElementById(row)", first)


def test_a_dropped_connection_comes_back_and_catches_up(visit: Visit, workstation: Workstation):
    anna = visit()
    dropped = {"status": 200, "content_type": "text/event-stream", "body": "retry: 1500\nid: 0\n\n"}
    anna.context.route("**/api/v1/events/stream**", lambda route: route.fulfill(**dropped))  # type: ignore[arg-type]
    page = anna.sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1")
    expect(page.locator("#live-state")).to_have_text(re.compile("Connecting|Updated"))
    missed = _seat(workstation, "bert")
    anna.context.unroute("**/api/v1/events/stream**")
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator(f"#{missed}")).to_contain_text("bert")


def test_all_tabs_of_a_browser_share_one_connection(visit: Visit, workstation: Workstation):
    anna, streams = visit(), []
    anna.context.on("request", lambda request: streams.append(request.url) if "/events/stream" in request.url else None)
    first = anna.sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1")
    expect(first.locator("#live-state")).to_have_text("Live")
    second = anna.context.new_page()
    second.goto(first.url)
    expect(second.locator("#live-state")).to_have_text("Live")
    assert len(streams) == 1
    seat = _seat(workstation, "bert")
    for tab in (first, second):
        expect(tab.locator(f"#{seat}")).to_contain_text("bert")
    first.close()
    seat = _seat(workstation, "cara")
    expect(second.locator(f"#{seat}")).to_contain_text("cara")
    assert len(streams) == 2


def test_of_a_thousand_rows_only_what_changed_is_touched(visit: Visit, workstation: Workstation):
    """The list is as long as no page of ours is; the row is the server's own."""
    seat = _seat(workstation, "anna")
    page = visit().sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1")
    expect(page.locator("#live-state")).to_have_text("Live")
    told: dict[str, int] = page.evaluate(THOUSAND, seat)
    print(f"a thousand rows morphed in {told['milliseconds']} ms, {told['touched']} nodes touched")
    assert told["rows"] == 1001
    assert told["touched"] <= 5
