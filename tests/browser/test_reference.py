"""The API's reference: the program that tries things out comes when it is asked for, and works as any page does."""

from __future__ import annotations

from playwright.sync_api import expect

from tests import cast
from tests.browser.conftest import Visit


def test_the_api_reference_works_under_the_strict_policy(visit: Visit):
    visitor = visit()
    for host in ("", "vendors", cast.MERCEDES.id):
        page = visitor.open("/docs", host=host)
        page.get_by_role("link", name="Try it out").click()
        first = page.locator(".opblock").first
        first.locator("button.opblock-summary-control").click()
        first.get_by_role("button", name="Try it out").click()
        expect(first.get_by_role("button", name="Execute")).to_be_visible()
        page.get_by_role("button", name="Schemas").click()


def test_what_is_tried_in_the_api_reference_is_answered(visit: Visit):
    page = visit().open("/docs#/Tenants/verifyTenant")
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status")).to_contain_text("404")
