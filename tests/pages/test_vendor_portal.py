"""The vendor portal: what each page shows, what is done on it, and that a vendor sees its own and nothing else."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Role
from billing.webhooks import endpoints
from cloudlicenses.kit import clock, months
from keys import recognising
from keys.models import ApiKey
from tenants import context
from tests import builders, cast, sites
from tests.pages.conftest import sign_in
from tests.pages.selling import said, sold
from tests.queries import fewest
from vendors import lifecycle
from vendors.models import CrmAccount, IssuedLicense, Product, Vendor

ORDER = {
    "customer_name": "Mercedes-Benz AG", "crm_account_id": "ACC-98765", "tenant_id": "mercedes", "contact_email": "",
    "product_id": cast.DAVINCI.id, "version": ">=8.0.0", "total_licenses": "20", "commit_qty": "5", "max_overage": "15",
    "commit_fee_monthly": "5000.00", "overage_per_use": "500.00", "currency": "EUR", "start_date": "2026-01-01",
    "end_date": "2026-12-31", "auto_renew": "on", "auto_provision": "on", "crm_opportunity_id": "SF-1",
}  # fmt: skip
PAGES = (
    "/", "/licenses", "/licenses/generate", "/customers", "/products", "/analytics", "/billing", "/keys", "/webhooks", "/settings",
    "/settings/brand",
)  # fmt: skip


def test_strangers_read_how_one_gets_in(db: None, vendor_site: sites.Site):
    page = vendor_site.get("/")
    assert page.status_code == 200
    assert b"Access comes with an invitation by e-mail" in page.content


def test_an_empty_portal_teaches_how_to_begin(vendor_owner: sites.Site):
    for path, taught in (
        ("/", "Sell your first license"),
        ("/customers", "No customers yet"),
        ("/webhooks", "Nobody listens yet"),
    ):
        assert taught in said(vendor_owner.get(path))


def test_the_overview_and_a_log_of_deliveries_answer_with_what_changes_alone(vendor_owner: sites.Site):
    license_id = sold()
    added = {"url": "https://93.184.216.34/in", "listens_to": "*", "authorization": "", "request_key": "r"}
    vendor_owner.post("/webhooks/add", added)
    with context.acting_for(cast.VECTOR.id):
        endpoint_id = endpoints.endpoints().get().pk
    vendor_owner.post(f"/webhooks/{endpoint_id}/test")
    for path, root, told in (("/", "now", license_id), (f"/webhooks/{endpoint_id}", "deliveries", "webhook.test")):
        whole = said(vendor_owner.get(path))
        piece = said(vendor_owner.get(path, headers={"hx-request": "true"}))
        assert f'id="{root}"' in whole
        assert told in whole
        assert told in piece
        assert "<html" not in piece


def test_a_page_of_bills_beyond_the_last_is_empty_and_leads_back(vendor_owner: sites.Site):
    sold()
    page = said(vendor_owner.get("/billing?page=7"))
    assert "?page=6" in page
    assert "Mercedes-Benz AG" not in page
    assert "Mercedes-Benz AG" in said(vendor_owner.get("/billing?q=ACC-98765"))
    assert "No customer of this month's bills is called so." in said(vendor_owner.get("/billing?q=nobody")).replace(
        "&#x27;", "'"
    )


def test_a_vendor_sees_its_own_and_nobody_elses(vendor_owner: sites.Site):
    ours = sold()
    builders.issued("lic-theirs", product=cast.MULTI, tenant_id=cast.MERCEDES.id)
    for path in ("/", "/licenses", "/customers", "/products"):
        page = said(vendor_owner.get(path))
        assert "lic-theirs" not in page
        assert cast.MULTI.name not in page
    assert ours in said(vendor_owner.get("/licenses"))
    for path in ("/licenses/lic-theirs", "/licenses/lic-theirs/amend", "/licenses/lic-theirs/revoke"):
        assert vendor_owner.get(path).status_code == 404
    theirs = CrmAccount.objects.get(vendor_id=cast.GREENHILLS.id)
    assert vendor_owner.get(f"/customers/{theirs.pk}").status_code == 404
    assert vendor_owner.get(f"/billing/2026-10/{theirs.pk}").status_code == 404


def test_a_company_is_found_by_its_tenant_and_linked(vendor_owner: sites.Site):
    page = said(vendor_owner.get("/customers?tenant_id=bmw"))
    assert "BMW AG" in page
    assert "/customers/link?tenant=bmw" in page
    assert "There is no open tenant nobody" in said(vendor_owner.get("/customers?tenant_id=nobody"))
    assert 'value="BMW AG"' in said(vendor_owner.get("/customers/link?tenant=bmw"))
    wanted = {"name": "BMW AG", "crm_account_id": "ACC-2", "tenant_id": "bmw", "contact_email": ""}
    account = vendor_owner.post("/customers/link", wanted).headers["Location"]
    assert "BMW AG" in said(vendor_owner.get(account))


def test_provisioning_by_itself_is_turned_off_and_on(vendor_owner: sites.Site):
    vendor_owner.post("/settings/provisioning", {})
    assert not Vendor.objects.get(pk=cast.VECTOR.id).auto_provisioning
    vendor_owner.post("/settings/provisioning", {"auto_provisioning": "on"})
    assert Vendor.objects.get(pk=cast.VECTOR.id).auto_provisioning


def test_products_are_added_and_changed(vendor_owner: sites.Site):
    wanted = {"id": "canoe", "name": "CANoe", "version": ">=15", "features": "can\nlin"}
    assert vendor_owner.post("/products/add", wanted).headers["Location"] == "/products"
    assert vendor_owner.post("/products/add", wanted | {"id": cast.MULTI.id}).status_code == 409
    assert 'id="id_version_error"' in vendor_owner.post("/products/canoe", wanted | {"version": "x"}).content.decode()
    vendor_owner.post("/products/canoe", {"name": "CANoe 15", "version": "", "features": ""})
    product = Product.objects.get(id="canoe")
    assert (product.name, product.version_constraint, product.features) == ("CANoe 15", "", [])


def test_a_key_is_shown_once_rotated_and_revoked(vendor_owner: sites.Site):
    wanted = {"app_name": "Salesforce", "expires_in_days": "365", "scopes": ["vendor:read"], "request_key": "f1"}
    first, again = (vendor_owner.post("/keys/generate", wanted) for _ in range(2))
    [text] = set(re.findall(r"clvk_vector-de_\w+", first.content.decode()))
    assert text in again.content.decode()
    assert text not in said(vendor_owner.get("/keys"))
    with context.acting_for(cast.VECTOR.id):
        key_id = recognising.find(text, recognising.VENDOR).id
    assert vendor_owner.post(f"/keys/{key_id}/rotate", {"request_key": "f2"}).status_code == 201
    vendor_owner.post(f"/keys/{key_id}/revoke")
    assert ApiKey.objects.get(id=key_id).revoked_at
    assert ApiKey.objects.filter(app_name="Salesforce").count() == 2


def test_colour_and_logo_are_saved_together_or_not_at_all(vendor_owner: sites.Site, vendor_site: sites.Site):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, "PNG")
    logo = SimpleUploadedFile("logo.png", out.getvalue(), "image/png")
    too_light = vendor_owner.post("/settings/brand", {"brand_color": "#ffee88", "logo": logo})
    assert too_light.status_code == 422
    assert b"Too light to be seen on white" in too_light.content
    assert Vendor.objects.get(pk=cast.VECTOR.id).logo_digest == ""
    logo.seek(0)
    vendor_owner.post("/settings/brand", {"brand_color": "#0B5394", "logo": logo})
    [shown] = re.findall(r'src="(/brands/[^"]+)"', said(vendor_owner.get("/settings/brand")))
    served = vendor_site.get(shown)
    assert (served.status_code, served.headers["Content-Type"]) == (200, "image/png")
    assert "immutable" in served.headers["Cache-Control"]
    vendor_owner.post("/settings/brand/remove-logo")
    assert vendor_site.get(shown).status_code == 404


def test_a_file_that_is_no_picture_is_refused(vendor_owner: sites.Site):
    logo = SimpleUploadedFile("logo.png", b"<script>", "image/png")
    answer = vendor_owner.post("/settings/brand", {"brand_color": "#0b5394", "logo": logo})
    assert answer.status_code == 422
    assert 'id="id_logo_error"' in answer.content.decode()


def test_a_suspended_vendors_people_look_and_change_nothing(vendor_owner: sites.Site):
    license_id = sold()
    Vendor.objects.filter(pk=cast.VECTOR.id).update(status="suspended")
    assert "This vendor is suspended" in said(vendor_owner.get("/"))
    assert vendor_owner.post(f"/licenses/{license_id}/suspend").status_code == 403
    assert IssuedLicense.objects.get().status == "provisioned"


def test_money_is_not_shown_to_those_who_may_not_see_it(db: None):
    builders.person("viewer@vector.example", role=Role.VENDOR_VIEWER, vendor_id=cast.VECTOR.id)
    viewer = sign_in(sites.vendors(), "viewer@vector.example")
    sold()
    assert "Revenue this month" not in said(viewer.get("/"))
    assert viewer.get("/billing").status_code == 403
    assert viewer.post("/licenses/generate", ORDER).status_code == 403


@pytest.mark.parametrize("path", [*PAGES[:7], "/customers/{account}", "/billing/{month}/{account}"])
def test_thirty_licenses_take_as_many_queries_as_one(vendor_owner: sites.Site, path: str):
    sold()
    account = CrmAccount.objects.get()
    where = path.format(account=account.pk, month=months.label(clock.today()))

    def counted() -> int:
        return fewest(lambda: said(vendor_owner.get(where)))

    one = counted()
    for number in range(30):
        sold(crm_opportunity_id=f"SF-{number}", product__id=f"product-{number}", product__name="Another")
    assert counted() == one


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept_by_a_cache(vendor_owner: sites.Site, path: str):
    assert vendor_owner.get(path).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/licenses?q=%00", "/licenses?product=%00", "/licenses/generate?account=%00&product=%00", "/customers?q=%00&tenant_id=%00",
        "/customers/link?account=%00&tenant=%00", "/analytics?tenant=%00&zone=Mars", "/billing?account=%00", "/webhooks/a%00b",
        "/billing?page=%00", "/customers/99999999999999999999", "/brands/a/b.png",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_nobodys_fault(vendor_owner: sites.Site, path: str):
    assert vendor_owner.get(path).status_code in {200, 404}


def test_a_revoked_license_stays_to_be_read(vendor_owner: sites.Site):
    license_id = sold()
    with context.acting_for(cast.VECTOR.id):
        lifecycle.revoke(builders.actor(), cast.VECTOR.id, license_id)
    assert "revoked" in said(vendor_owner.get(f"/licenses/{license_id}"))
