"""What a page may ask of a browser: requests, bytes on the wire, elements, layouts, shifts. Counted, never timed, so that a busy
machine changes nothing. A first visit weighs 400 kB at most, every further page 40 kB, and nothing is asked of any other host."""

from __future__ import annotations

import base64
import gzip
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Error, Page, expect

from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_accessibility import furnish

MERCEDES = cast.MERCEDES.id
FIRST, FURTHER = 400_000, 40_000  # bytes, compressed
PACKED = re.compile("font|image/png")
MOST_REQUESTS, MOST_FURTHER_REQUESTS = 20, 4
MOST_ELEMENTS = 1_500
MOST_LAYOUTS = 12
LARGEST_SHIFT = 0.02  # a fifth of what counts as good
SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value; }))
  .observe({type: "layout-shift", buffered: true});
"""

VISITS = {
    "stranger": ("", "", ["/", "/signup", "/docs/quick-start", "/problems"]),
    "operator": ("", "ops@cloudlicenses.example", ["/operator/", "/operator/vendors", "/operator/registrations"]),
    "vendor": ("vendors", "owner@vector.example", ["/", "/licenses", "/customers", "/analytics", "/billing", "/keys"]),
    "customer": (MERCEDES, "anna@mercedes-benz.com", [
        "/", "/licenses", "/licenses/lic-1", "/keys", "/keys/generate", "/costs", "/usage", "/users", "/audit",
    ]),
}  # fmt: skip


@dataclass
class Meter:
    """Counts what crosses the wire from now on; what the browser has in its cache costs nothing. Files that the tests' server sends
    as they are count as `collectstatic` packs them; bodies that the browser no longer holds count as they came."""

    wire: CDPSession
    asked: set[str] = field(default_factory=set)
    loaded: dict[str, int] = field(default_factory=dict)  # bytes, as they came
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wire.on("Network.requestWillBeSent", self._asked)
        self.wire.on(
            "Network.responseReceived", lambda event: self.answers.update({event["requestId"]: event["response"]})
        )
        self.wire.on("Network.loadingFinished", self._loaded)
        self.wire.send("Network.enable")
        self.wire.send("Performance.enable")

    def start(self) -> None:
        """Anew; what was asked for before is not counted, however late it comes."""
        self.asked.clear()
        self.loaded.clear()

    def layouts(self) -> int:
        found = {each["name"]: each["value"] for each in self.wire.send("Performance.getMetrics")["metrics"]}
        return int(found["LayoutCount"])

    def weight(self) -> int:
        return sum(self._weight_of(each) for each in self.loaded)

    def _weight_of(self, request: str) -> int:
        try:
            answer = self.wire.send("Network.getResponseBody", {"requestId": request})
        except Error as error:  # an icon's body belongs to no page and is soon let go of
            if "No resource with given identifier" not in error.message:
                raise
            return self.loaded[request]
        body = base64.b64decode(answer["body"]) if answer["base64Encoded"] else answer["body"].encode()
        return len(body) if PACKED.search(self.answers[request]["mimeType"]) else len(gzip.compress(body, 6))

    def _asked(self, event: dict[str, Any]) -> None:
        scheme, _, rest = event["request"]["url"].partition("://")
        if scheme in {"http", "https"}:
            self.hosts.add(rest.partition("/")[0])
            self.asked.add(event["requestId"])

    def _loaded(self, event: dict[str, Any]) -> None:
        if event["encodedDataLength"] and event["requestId"] in self.asked:
            self.loaded[event["requestId"]] = int(event["encodedDataLength"])


def entered(visit: Visit, actor: str) -> tuple[Visitor, Meter]:
    """Signed in, with an empty cache, as somebody who follows a link for the first time."""
    host, email, _paths = VISITS[actor]
    visitor = visit()
    visitor.context.add_init_script(SHIFTS)
    meter = Meter(visitor.context.new_cdp_session(visitor.page))
    if email:
        visitor.sign_in(email, host=host, path="/login" if host else "/operator/login")
    meter.wire.send("Network.clearBrowserCache")
    return visitor, meter


@pytest.mark.parametrize("actor", VISITS)
def test_every_page_stays_within_its_budget(actor: str, visit: Visit) -> None:
    furnish()
    visitor, meter = entered(visit, actor)
    host, _email, paths = VISITS[actor]
    for number, path in enumerate(paths):
        meter.start()
        page = visitor.open(path, host=host)
        _settled(page)
        most_bytes, most_requests = (FURTHER, MOST_FURTHER_REQUESTS) if number else (FIRST, MOST_REQUESTS)
        found = {
            "bytes": (meter.weight(), most_bytes),
            "requests": (len(meter.loaded), most_requests),
            "elements": (page.locator("*").count(), MOST_ELEMENTS),
            "layouts": (meter.layouts(), MOST_LAYOUTS),
            "shift": (page.evaluate("window.shifted"), LARGEST_SHIFT),
        }
        print(path, {name: value for name, (value, _most) in found.items()})
        assert [f"{path}: {name} {value}" for name, (value, most) in found.items() if value > most] == []
        assert found["bytes"][0] > 1_000, "nothing was counted"
    assert meter.hosts == {f"{host}.localhost:8000" if host else "localhost:8000"}


def _settled(page: Page) -> None:
    """All is loaded and painted; a stream of events never ends, so the network need not be idle."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(done, 200)))")


def test_a_tenants_page_follows_events_for_next_to_nothing(visit: Visit) -> None:
    """Each event costs one fragment, however many pages of history there are."""
    with context.inside(MERCEDES):
        license_ = builders.granted("lic-1", total_licenses=100, commit_qty=50, max_overage=50)
        for number in range(50):
            builders.leased(license_, f"lease-{number}", user=f"user-{number}@mercedes-benz.com")
        builders.person("anna@mercedes-benz.com")
    visitor, meter = entered(visit, "customer")
    page = visitor.open("/licenses/lic-1", host=MERCEDES)
    expect(page.locator("#live-state")).to_have_text("Live")
    _settled(page)
    meter.start()
    with page.expect_response(lambda answer: answer.url.endswith("/licenses/lic-1")) as answer:
        page.evaluate("htmx.trigger(document.getElementById('seats-in-use'), 'live')")
    answer.value.finished()
    page.wait_for_timeout(200)  # lets the meter hear of it, and of anything that came with it
    assert 1_000 < meter.weight() < FURTHER / 4
    assert len(meter.loaded) == 1
