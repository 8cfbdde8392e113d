"""Every page by axe-core's rules (WCAG 2.2 A and AA, and its best practices), light, dark and on a phone; and by keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.models import Role
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from keys.models import ApiKey
from licensing import leases
from licensing.models import Denial, Lease
from tenants import context
from tests import builders, cast
from tests.applications import test_api as applications
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.tenants.conftest import registered

AXE = next(Path(__file__).parent.glob("vendor/axe-core-*/axe.min.js")).read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """rules => axe.run(document, {runOnly: rules}).then(found => found.violations.map(
  each => each.id + ': ' + each.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))"""
SPILLING = """() => [...document.querySelectorAll('main, .card')].filter(
  each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === 'visible').map(each => each.className)"""
# What the keyboard comes to, one by one, and doesn't show: an outline of at least two pixels, in the colour that has the contrast.
UNSEEN = """() => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.setProperty("color", "var(--tblr-link-color)");
    const colour = getComputedStyle(probe).color;
    probe.remove();
    const reached = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const wrong = [...document.querySelectorAll(reached)].filter(each => {
        if (!each.checkVisibility({visibilityProperty: true}) || each.disabled) return false;
        each.focus({focusVisible: true, preventScroll: true});
        if (document.activeElement !== each) return true;
        const shown = getComputedStyle(each.matches(".plans-choice input") ? each.closest(".plan") : each);
        return shown.outlineStyle !== "solid" || parseFloat(shown.outlineWidth) < 2 || shown.outlineColor !== colour;
    });
    document.activeElement.blur();
    return wrong.map(each => each.outerHTML.slice(0, 160));
}"""
BETWEEN = (768, 1024, 1280)  # tablets and small laptops
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check(page: Page) -> None:
    """Light and wide by all rules; dark by what depends on colours; narrow by what depends on the layout."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    assert violations(page, {"type": "tag", "values": TAGS}) == []
    assert page.evaluate(UNSEEN) == [], f"{page.url} does not show where the keyboard is"
    page.emulate_media(color_scheme="dark")
    assert violations(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is one
    assert violations(page, {"type": "tag", "values": TAGS}) == []
    assert page.evaluate(OVERFLOW) <= 0, f"{page.url} is wider than a phone"
    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(SPILLING) == [], f"{page.url} spills over its cards at {width}"
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    return [f"{page.url}: {each}" for each in page.evaluate(RUN, rules)]


def furnish() -> None:
    """One of everything that a page can show."""
    now = clock.now()
    with context.inside(cast.MERCEDES.id):
        builders.person("anna@mercedes-benz.com")
        license_ = builders.granted(
            "lic-1", features=["can_editor"], version_constraint=">=8.0.0", commit_in_use=1, overage_in_use=1
        )
        builders.granted("lic-2", status="suspended", total_licenses=250, commit_qty=200, max_overage=50)
        for kind in ("commit", "overage"):
            Lease.objects.create(
                id=f"lease-{kind}", license=license_, lease_type=kind, cost=Decimal("12.50"), currency="EUR", user="a@b.example",
                hostname="dev-ws-042.mercedes.com", key_id="k", ttl_seconds=900, issued_at=now, expires_at=now + timedelta(hours=1),
            )  # fmt: skip
        Denial.objects.create(
            product_id="p", license_id="lic-1", code="version_not_licensed", user="late@x.example", key_id="k"
        )
        builders.tenant_key(allowed_hostnames=["dev-ws-042.mercedes.com"], allowed_ip_ranges=["10.0.0.0/8"])
        builders.tenant_key(revoked_at=now)
        applications.seen("sha256:" + "ab" * 32)
        applications.seen("", "alert")
        applications.registered()
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    builders.person("sales@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    builders.issued("lic-1", tenant_id=cast.MERCEDES.id, status="provisioned")
    registered()


def key_id() -> str:
    with context.inside(cast.MERCEDES.id):
        return ApiKey.objects.filter(revoked_at=None).values_list("id", flat=True)[0]


def entry_of_vector() -> int:
    with context.acting_for(cast.VECTOR.id):
        return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_public_pages(visit: Visit):
    visitor = visit()
    for path in (
        "/",
        "/signup",
        "/problems",
        "/problems/wrong_tenant",
        "/docs/operations",
        "/nothing",
        "/operator/login",
    ):
        check(visitor.open(path))
    check(visitor.open("/", host="vendors"))
    page = visitor.open("/signup")
    page.get_by_role("button", name="Sign up").evaluate("button => { button.form.noValidate = true; button.click(); }")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)


def test_pages_of_customers(visit: Visit):
    furnish()
    customer = visit()
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    key = key_id()
    for path in (
        "/", "/licenses", "/licenses?q=nothing", "/licenses/lic-1", "/licenses/lic-1/limits", "/leases/lease-commit/take-back",
        "/keys", "/keys/generate", f"/keys/{key}", f"/keys/{key}/revoke", f"/keys/{key}/rotate", "/costs", "/costs?period=2024-01",
        "/costs/charges", "/usage", "/usage?days=90", "/audit", "/audit?q=nothing", "/applications", "/applications?q=nothing",
        f"/applications/mode/{cast.DAVINCI.id}", "/devices", "/devices?q=nothing", "/devices/policy",
    ):  # fmt: skip
        check(customer.open(path, host=cast.MERCEDES.id))
    page = customer.open(f"/keys/{key_id()}/rotate", host=cast.MERCEDES.id)
    page.get_by_role("button", name="Rotate").click()
    check(page)


def test_pages_of_vendors_and_operators(visit: Visit):
    furnish()
    check(visit().sign_in("sales@vector.example", host="vendors"))
    owner = visit()
    owner.sign_in("owner@vector.example", host="vendors")
    for path in ("/audit", "/audit?q=nothing", f"/audit/{entry_of_vector()}"):
        check(owner.open(path, host="vendors"))
    operator = visit()
    operator.sign_in("ops@cloudlicenses.example", path="/operator/login")
    for path in (
        "",
        "tenants/mercedes",
        "tenants/mercedes/suspend",
        "registrations",
        "vendors",
        "vendors/create",
        "encryption",
        "audit",
        "audit?q=nothing",
    ):
        check(operator.open(f"/operator/{path}"))


def test_the_narrowest_window_needs_no_sideways_scrolling(visit: Visit):
    furnish()
    customer = visit(phone=True)
    customer.page.set_viewport_size({"width": 320, "height": 640})
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    for path in ("/", "/licenses", "/licenses/lic-1", "/keys", "/keys/generate", "/costs", "/audit"):
        assert customer.open(path, host=cast.MERCEDES.id).evaluate(OVERFLOW) <= 0, path


def test_a_keyboard_reaches_everything_and_shows_where_it_is(visit: Visit):
    page = visit().open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    first = page.locator("main a").first
    expect(first).to_be_focused()
    assert first.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    assert float(first.evaluate("link => parseFloat(getComputedStyle(link).outlineWidth)")) >= 2


def test_a_phones_menu_opens_and_says_so(visit: Visit):
    furnish()
    page = visit(phone=True).sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    button = page.get_by_role("button", name="Menu")
    expect(page.get_by_role("link", name="API keys")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.get_by_role("link", name="API keys").click()
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def test_a_drawer_closes_with_escape_and_gives_the_focus_back(visit: Visit):
    furnish()
    page = visit(phone=True).sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    button = page.get_by_role("button", name="Menu")
    button.click()
    expect(page.locator("#main")).to_have_js_property("inert", True)
    page.evaluate(AXE)
    assert violations(page, {"type": "tag", "values": TAGS}) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="API keys")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_question_opens_over_the_page_and_the_focus_comes_back(visit: Visit):
    furnish()
    customer = visit()
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    page = customer.open("/licenses/lic-1", host=cast.MERCEDES.id)
    page.locator("#take-lease-overage").click()
    question = page.get_by_role("dialog", name="Take this seat back?")
    expect(question.get_by_role("link", name="Cancel")).to_be_focused()
    page.evaluate(AXE)
    assert violations(page, {"type": "tag", "values": TAGS}) == []
    page.keyboard.press("Escape")
    expect(page.locator("#take-lease-overage")).to_be_focused()
    page.locator("#take-lease-overage").click()
    question.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The seat of a@b.example is free again.")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("The seat of a@b.example is free again.")).to_be_hidden()


def test_the_theme_follows_the_system_until_somebody_chooses(visit: Visit):
    page = visit(dark=True).open("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    expect(page.locator("#announcer")).to_have_text("Light theme")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-bs-theme", "light")


def test_seats_come_and_go_without_a_reload_and_the_focus_stays(visit: Visit):
    furnish()
    customer = visit()
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    page = customer.open("/licenses/lic-1", host=cast.MERCEDES.id)
    page.locator("#take-lease-overage").focus()
    with context.inside(cast.MERCEDES.id), transaction.atomic():
        leases.take_back(builders.actor(), "lease-commit")
    expect(page.locator("#take-lease-commit")).to_have_count(0)
    expect(page.locator("#take-lease-overage")).to_be_focused()
    head = page.locator("#seats-in-use").get_by_role("columnheader", name="User")
    head.get_by_role("link").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(head.get_by_role("link")).to_be_focused()


def test_the_way_back_from_a_narrowed_list_is_the_whole_page(visit: Visit):
    furnish()
    page = visit().sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id, path="/login?next=/licenses")
    page.get_by_label("Search").press_sequentially("nothing")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.get_by_label("Search")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.locator("#license-lic-1")).to_be_visible()


def test_nothing_is_asked_of_anybody_else(visit: Visit):
    visitor = visit()
    asked: set[str] = set()
    visitor.page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    for path in ("/", "/signup", "/docs", "/docs/operations"):
        visitor.open(path).wait_for_load_state("networkidle")
    assert {host for host in asked if host} == {"localhost:8000"}
