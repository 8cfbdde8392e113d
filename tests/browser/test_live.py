"""Pages that follow what happens, without being reloaded."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from cloudlicenses.kit import clock
from licensing import leases
from licensing.models import Lease, License
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit
from tests.licensing.workstations import Workstation
from tests.servers import Server

MERCEDES = cast.MERCEDES.id
WATCH = """seat => {
    const kept = document.getElementById(seat), part = document.getElementById("seats-in-use");
    const widths = () => Array.from(part.querySelectorAll("th"), head => head.offsetWidth).join(" ");
    const seen = window.seen = { added: 0, removed: 0, other: [], shift: 0 };
    new MutationObserver(changes => changes.forEach(change => {
        seen.added += Array.from(change.addedNodes).filter(node => node.nodeName === "TR").length;
        seen.removed += Array.from(change.removedNodes).filter(node => node.nodeName === "TR").length;
        const row = change.target.nodeType === 1 ? change.target.closest("tr[id]") : change.target.parentNode.closest("tr[id]");
        if (row && !row.classList.contains("is-new")) seen.other.push(row.id);
    })).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    new PerformanceObserver(list => list.getEntries().forEach(entry => { seen.shift += entry.value; }))
        .observe({type: "layout-shift"});
    const top = kept.getBoundingClientRect().top, before = widths();
    window.told = () => ({...seen, rows: part.querySelectorAll("tbody tr").length, isSame: kept === document.getElementById(seat),
                          moved: Math.abs(kept.getBoundingClientRect().top - top), isAsWide: widths() === before});
}"""


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


def test_of_a_thousand_seats_only_the_one_that_changed_is_touched(visit: Visit, workstation: Workstation):
    """Whoever reads in the middle of them keeps row, focus and place, whatever comes and goes above."""
    with context.inside(MERCEDES):
        Lease.objects.bulk_create(_thousand(License.objects.get()))
    page = visit().sign_in("anna@mercedes-benz.com", host=MERCEDES, path="/login?next=/licenses/lic-1%3Flimit=1000")
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator("#seats-in-use tbody tr")).to_have_count(1000)
    page.locator("#take-many-500").focus()
    page.locator("#many-500").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.evaluate(WATCH, "many-500")

    came = _seat(workstation, "bert")
    expect(page.locator(f"#{came}")).to_contain_text("bert")
    with context.inside(MERCEDES), transaction.atomic():
        leases.take_back(builders.actor(), came)
    expect(page.locator(f"#{came}")).to_have_count(0)

    told: dict[str, Any] = page.evaluate("window.told()")
    print(told)
    assert told["rows"] == 1000
    assert (told["added"], told["removed"]) == (
        2,
        2,
    )  # the last of the thousand left the page for the newcomer, and is back
    assert told["other"] == []
    assert told["isSame"]
    assert told["isAsWide"]
    assert told["moved"] < 1
    assert told["shift"] == 0
    assert page.evaluate("document.activeElement.id") == "take-many-500"


def _thousand(license_: License) -> list[Lease]:
    began = clock.now() - timedelta(hours=1)
    return [
        Lease(
            id=f"many-{number}", license=license_, lease_type="overage", cost=Decimal("12.50"), currency="EUR",
            user=f"user-{number}@mercedes-benz.com", hostname=f"dev-ws-{number}.mercedes.com", key_id="k", ttl_seconds=86_400,
            issued_at=began - timedelta(seconds=number), expires_at=began + timedelta(days=1),
        )
        for number in range(1000)
    ]  # fmt: skip
