"""The charts of the two overviews follow what happens as the counters beside them do: with the same request, and in place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit
from tests.licensing.workstations import Workstation
from tests.servers import Server
from vendors import projection

MERCEDES = cast.MERCEDES.id


@pytest.fixture
def workstation(server: Server) -> Workstation:
    """Mercedes uses a license of Vector's; somebody of each looks."""
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    builders.issued("lic-1", tenant_id=MERCEDES, status="provisioned", provisioned_at=builders.LONG_AGO)
    with context.inside(MERCEDES):
        builders.granted("lic-1")
        builders.person("anna@mercedes-benz.com")
        return Workstation(server, builders.tenant_key())


def newest_says(page: Page, chart: str, said: str) -> None:
    """What the chart's last column says where the pointer is; attributes settle a moment after the text beside them."""
    newest = page.locator(f"figure[aria-labelledby='{chart}-title'] .chart-hit").last
    expect(newest).to_have_attribute("data-tip", re.compile(r"\s*".join([":", *said.split()]) + "$"))


def asked_while(page: Page) -> list[str]:
    """From now on: what the page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("localhost:8000")[2]))
    return asked


def settle(page: Page, chart: str) -> None:
    """Somebody reads the chart as a table; the page must neither lose that nor be drawn anew."""
    expect(page.locator("#live-state")).to_have_text("Live")
    figure = page.locator(f"figure[aria-labelledby='{chart}-title']")
    figure.locator("summary").press("Enter")
    figure.evaluate("figure => { window.figureBefore = figure; }")


def stays(page: Page, chart: str) -> None:
    figure = page.locator(f"figure[aria-labelledby='{chart}-title']")
    assert figure.evaluate("figure => figure === window.figureBefore")
    assert figure.evaluate("figure => figure.querySelector('details').open")
    expect(figure.locator("summary")).to_be_focused()


def test_a_customers_chart_follows_a_checkout(visit: Visit, workstation: Workstation):
    workstation.check_out(user="anna")
    page = visit().sign_in("anna@mercedes-benz.com", host=MERCEDES)
    newest_says(page, "history", "1 all seats · 0 of these overage")
    settle(page, "history")
    asked = asked_while(page)
    workstation.check_out(user="bert")
    expect(page.locator("#now [data-count]").first).to_have_text("2")
    newest_says(page, "history", "2 all seats · 0 of these overage")
    assert set(asked) == {"/"}, "the charts come with the counters"
    stays(page, "history")


def test_a_vendors_charts_follow_what_was_used(visit: Visit, workstation: Workstation):
    workstation.check_out(user="anna")
    projection.project_due()
    page = visit().sign_in("owner@vector.example", host="vendors")
    newest_says(page, "checkouts", "1 commit · 0 overage · 0 refused")
    settle(page, "checkouts")
    asked = asked_while(page)
    workstation.check_out(user="bert")
    projection.project_due()
    expect(page.locator("#now")).to_contain_text("2 / ")
    newest_says(page, "checkouts", "2 commit · 0 overage · 0 refused")
    assert set(asked) == {"/"}, "the charts come with the counters"
    stays(page, "checkouts")
