"""A vendor's day in a real browser: selling, amending, suspending, bills, keys, webhooks, its own look; and axe on each page."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import Role
from billing import ledger
from billing.models import UsageRecord, WebhookDelivery
from billing.webhooks import deliveries, endpoints
from cloudlicenses.kit import clock
from cloudlicenses.web.wakeups import announce_change
from keys.models import ApiKey
from licensing.models import License
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_accessibility import check
from vendors.models import CrmAccount, IssuedLicense

HOST = "vendors"
DEAL = {
    "Company": "Mercedes-Benz AG", "CRM account": "ACC-98765", "Tenant": "mercedes", "Licenses in all": "20", "Committed": "5",
    "Overage at most": "15", "Commit fee a month": "5000", "Price of an overage checkout": "500", "First day": "2026-01-01",
    "Last day": "2030-12-31", "Opportunity": "SF-00123456",
}  # fmt: skip


def owner(visit: Visit) -> Visitor:
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    visitor = visit()
    visitor.sign_in("owner@vector.example", host=HOST)
    return visitor


def sell(visitor: Visitor) -> Page:
    page = visitor.open("/licenses/generate", host=HOST)
    for label, value in DEAL.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="See the price").click()
    expect(page.get_by_text("12,500.00\xa0EUR")).to_be_visible()
    expect(page.get_by_text("60 commit fees of 5,000.00\xa0EUR over the term: 300,000.00\xa0EUR.")).to_be_visible()
    return page


def test_a_deal_is_priced_agreed_amended_and_suspended(visit: Visit):
    vendor = owner(visit)
    page = sell(vendor)
    check(page)
    assert not IssuedLicense.objects.exists()
    page.get_by_role("button", name="Agree and generate").click()
    expect(page.get_by_text("The license is in the tenant of Mercedes-Benz AG.")).to_be_visible()
    with context.inside(cast.MERCEDES.id):
        assert License.objects.get().total_licenses == 20
        builders.person("anna@mercedes-benz.com")
    customer = visit()
    theirs = customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    expect(theirs.get_by_text(cast.DAVINCI.name).first).to_be_visible()

    page.get_by_role("link", name="Amend").click()
    page.get_by_label("Price of an overage checkout").fill("600")
    page.get_by_role("button", name="See what it does").click()
    expect(page.get_by_text("14,000.00\xa0EUR")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Agree and amend").click()
    expect(page.get_by_text("The new terms hold from the next checkout on.")).to_be_visible()

    colleague = _following(vendor, page.url)
    page.get_by_role("link", name="Suspend").click()
    expect(page.get_by_role("dialog").get_by_text("The commit fee of 5,000.00\xa0EUR a month goes on.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Suspend it").click()
    expect(page.get_by_text("The license is suspended.")).to_be_visible()
    assert IssuedLicense.objects.get().status == "suspended"
    expect(colleague.locator("#head-line")).to_contain_text("suspended")
    expect(colleague.get_by_role("button", name="Resume")).to_be_visible()
    assert colleague.evaluate("document.activeElement.textContent").strip() == "Renew", (
        "the page followed and took the focus"
    )


def _following(vendor: Visitor, address: str) -> Page:
    """The same license on a second screen, where somebody is about to renew it."""
    page = vendor.context.new_page()
    page.goto(address)
    expect(page.locator("#live-state")).to_have_text("Live")
    page.get_by_role("link", name="Renew").focus()
    return page


def test_a_key_is_generated_rotated_and_its_text_shown_once(visit: Visit):
    page = owner(visit).open("/keys/generate", host=HOST)
    page.get_by_label("System").fill("Salesforce")
    page.get_by_role("button", name="Generate the key").click()
    expect(page.locator("#key-text")).to_contain_text("clvk_vector-de_")
    check(page)
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Rotate the key of Salesforce").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    expect(page.locator("#key-text")).to_contain_text("clvk_vector-de_")
    assert ApiKey.objects.filter(app_name="Salesforce").count() == 2


def test_a_bill_is_followed_to_its_charges_and_taken_away_as_csv(visit: Visit):
    vendor = owner(visit)
    builders.issued(
        "lic-1",
        tenant_id=cast.MERCEDES.id,
        status="provisioned",
        provisioned_at=builders.LONG_AGO,
        commit_fee_monthly="1000.00",
    )
    now = clock.now()
    for number in range(3):
        UsageRecord.objects.create(
            entry=f"lease-{number}", at=now, kind="overage", tenant_id=cast.MERCEDES.id, vendor_id=cast.VECTOR.id,
            license_id="lic-1", product_id=cast.DAVINCI.id, amount="12.50", currency="EUR",
        )  # fmt: skip
    ledger.ensure_commit_fees(now.date(), now.date())
    page = vendor.open("/billing", host=HOST)
    check(page)
    page.get_by_role("link", name="Mercedes-Benz AG").click()
    expect(page.get_by_text("1,037.50\xa0EUR").first).to_be_visible()
    expect(page.get_by_text("lease-2")).to_be_visible()
    check(page)
    with page.expect_download() as file:
        page.get_by_role("link", name="All charges as CSV").click()
    lines = file.value.path().read_text().splitlines()
    assert lines[0].startswith("At,License,")
    assert len([line for line in lines if ",overage," in line]) == 3


def test_a_webhook_is_added_tested_and_sent_again(visit: Visit):
    page = owner(visit).open("/webhooks/add", host=HOST)
    page.get_by_label("Address").fill("https://vector.example/in")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#secret-text")).to_contain_text("whsec_")
    check(page)
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("webhook.test", exact=True)).to_be_visible()
    expect(page.locator("#live-state")).to_have_text("Live")
    WebhookDelivery.objects.update(status="failed", last_status=500, attempts=3)
    announce_change(cast.VECTOR.id, deliveries.DELIVERY)
    expect(page.get_by_text("failed").last).to_be_visible()
    check(page)
    page.get_by_role("button", name=re.compile("^Send again")).click()
    expect(page.get_by_text("The message is on its way again.")).to_be_visible()
    assert WebhookDelivery.objects.get().status == "pending"


def test_a_vendors_look_reaches_its_customer(visit: Visit):
    vendor = owner(visit)
    out = io.BytesIO()
    Image.new("RGB", (300, 90), "#b5002f").save(out, "PNG")
    page = vendor.open("/settings", host=HOST)
    page.get_by_label("Support address").fill("help@vector.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Branding").click()
    page.get_by_label("Logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": out.getvalue()})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name=cast.VECTOR.name)).to_be_visible()
    check(page)
    with context.inside(cast.MERCEDES.id):
        builders.person("anna@mercedes-benz.com")
        builders.granted("lic-1")
    customer = visit()
    customer.sign_in("anna@mercedes-benz.com", host=cast.MERCEDES.id)
    theirs = customer.open("/licenses/lic-1", host=cast.MERCEDES.id)
    logo = theirs.get_by_role("img", name=cast.VECTOR.name)
    assert logo.evaluate("image => image.naturalWidth") == 300
    expect(theirs.get_by_role("link", name="help@vector.example")).to_be_visible()


def test_every_other_page_of_a_vendor(visit: Visit):
    vendor = owner(visit)
    builders.issued("lic-1", tenant_id=cast.MERCEDES.id, status="provisioned", provisioned_at=clock.now())
    builders.vendor_key(cast.VECTOR.id)
    with context.acting_for(cast.VECTOR.id):
        endpoint, _secret = endpoints.add(
            cast.VECTOR.id, url="https://vector.example/in", listens_to=["*"], actor=builders.actor()
        )
        deliveries.send_test(endpoint.id, actor=builders.actor())
    account = CrmAccount.objects.get().pk
    for path in (
        "/", "/licenses", "/licenses/lic-1", "/licenses/lic-1/amend", "/licenses/lic-1/provision", "/licenses/lic-1/revoke",
        "/licenses/generate", "/customers", "/customers?tenant_id=bmw", f"/customers/{account}", "/customers/link", "/products",
        "/products/add", f"/products/{cast.DAVINCI.id}", "/analytics", "/keys", "/webhooks",
        f"/webhooks/{endpoint.id}/change", "/settings",
    ):  # fmt: skip
        check(vendor.open(path, host=HOST))


def test_selling_works_without_scripts_on_a_phone(visit: Visit):
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    plain = visit(scripts=False, phone=True)
    plain.sign_in("owner@vector.example", host=HOST)
    page = sell(plain)
    page.get_by_role("button", name="Agree and generate").click()
    expect(page.get_by_role("heading", name=cast.DAVINCI.name)).to_be_visible()
