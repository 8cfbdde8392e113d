"""The vendor portal: what each page shows, what is done on it, and that a vendor sees its own and nothing else."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import Role
from audit.models import AuditEntry
from cloudlicenses.kit import clock, months
from keys import recognising
from keys.models import ApiKey
from licensing.models import License
from tenants import context
from tests import builders, cast, sites
from tests.pages.conftest import sign_in
from tests.vendors.crm import deal
from vendors import issuing, lifecycle
from vendors.api.orders import GenerateRequest
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


@pytest.fixture
def seller(db: None) -> sites.Site:
    """Vector's owner, who may do everything there."""
    builders.person("owner@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    return sign_in(sites.vendors(), "owner@vector.example")


def sold(**changes: Any) -> str:
    request = GenerateRequest(data=deal(**changes))
    request.is_valid(raise_exception=True)
    with context.acting_for(cast.VECTOR.id):
        return issuing.generate(builders.actor(), cast.VECTOR.id, request.order()).license.id


def said(page: Any) -> str:
    assert page.status_code == 200, page.content[:2000]
    return str(page.content.decode())


def test_strangers_read_how_one_gets_in(db: None, vendor_site: sites.Site):
    page = vendor_site.get("/")
    assert page.status_code == 200
    assert b"Access comes with an invitation by e-mail" in page.content


def test_an_empty_portal_teaches_how_to_begin(seller: sites.Site):
    for path, taught in (
        ("/", "Sell your first license"),
        ("/customers", "No customers yet"),
        ("/webhooks", "Nobody listens yet"),
    ):
        assert taught in said(seller.get(path))


def test_a_vendor_sees_its_own_and_nobody_elses(seller: sites.Site):
    ours = sold()
    builders.issued("lic-theirs", product=cast.MULTI, tenant_id=cast.MERCEDES.id)
    for path in ("/", "/licenses", "/customers", "/products"):
        page = said(seller.get(path))
        assert "lic-theirs" not in page
        assert cast.MULTI.name not in page
    assert ours in said(seller.get("/licenses"))
    for path in ("/licenses/lic-theirs", "/licenses/lic-theirs/amend", "/licenses/lic-theirs/revoke"):
        assert seller.get(path).status_code == 404
    theirs = CrmAccount.objects.get(vendor_id=cast.GREENHILLS.id)
    assert seller.get(f"/customers/{theirs.pk}").status_code == 404
    assert seller.get(f"/billing/2026-10/{theirs.pk}").status_code == 404


def test_licenses_are_searched_and_filtered(seller: sites.Site):
    one, other = sold(), sold(crm_opportunity_id="SF-9", product__id="canoe", product__name="CANoe")
    assert one not in (page := said(seller.get("/licenses?q=SF-9")))
    assert other in page
    assert other not in said(seller.get(f"/licenses?product={cast.DAVINCI.id}"))
    assert "Nothing like this" in said(seller.get("/licenses?status=revoked"))


def test_the_price_is_shown_before_anything_is_made(seller: sites.Site):
    page = said(seller.post("/licenses/generate", ORDER))
    for told in (
        "5,000.00\xa0EUR",
        "500.00\xa0EUR",
        "12,500.00\xa0EUR",
        "60,000.00\xa0EUR",
        "20 licenses (5 commit, 15 overage)",
    ):
        assert told in page
    assert not IssuedLicense.objects.exists()


def test_agreeing_makes_one_license_in_the_customers_tenant_however_often(seller: sites.Site):
    answers = [seller.post("/licenses/generate", ORDER | {"step": "agreed"}) for _ in range(2)]
    license = IssuedLicense.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [f"/licenses/{license.id}"] * 2
    assert license.status == "provisioned"
    with context.inside(cast.MERCEDES.id):
        assert License.objects.get().total_licenses == 20
    assert AuditEntry.objects.get(event="license.generated").actor_label == "owner@vector.example"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"commit_qty": "30"}, "commit_qty"), ({"tenant_id": "www"}, "tenant_id"), ({"version": "eight"}, "version"),
        ({"end_date": "2025-01-01"}, "end_date"), ({"overage_per_use": "-1"}, "overage_per_use"),
        ({"total_licenses": ""}, "total_licenses"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", ["", "agreed"])
def test_a_deal_that_cannot_be_is_refused_at_its_field(
    seller: sites.Site, wrong: dict[str, str], field: str, step: str
):
    answer = seller.post("/licenses/generate", ORDER | wrong | {"step": step})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not IssuedLicense.objects.exists()


def amendment(**changes: str) -> dict[str, str]:
    terms = {
        "total_licenses": "20", "commit_qty": "5", "max_overage": "15", "commit_fee_monthly": "5000.00",
        "overage_per_use": "500.00", "end_date": str(IssuedLicense.objects.get().end_date), "auto_renew": "on",
    }  # fmt: skip
    return terms | changes


def test_an_amendment_says_what_it_does_and_then_does_it(seller: sites.Site):
    path = f"/licenses/{sold()}"
    page = said(seller.post(f"{path}/amend", amendment(overage_per_use="600.00")))
    assert "600.00\xa0EUR" in page
    assert IssuedLicense.objects.get().revision == 1
    assert seller.post(f"{path}/amend", amendment(overage_per_use="600.00", step="agreed")).headers["Location"] == path
    assert (IssuedLicense.objects.get().overage_per_use, IssuedLicense.objects.get().revision) == (Decimal("600.00"), 2)
    assert seller.post(f"{path}/amend", amendment(commit_qty="50")).status_code == 422


def test_a_license_is_suspended_resumed_and_revoked_after_a_question_that_names_the_cost(seller: sites.Site):
    path = f"/licenses/{sold()}"
    assert "The commit fee of 5,000.00\xa0EUR a month goes on." in said(seller.get(f"{path}/suspend"))
    for act, status in (("suspend", "suspended"), ("resume", "provisioned"), ("revoke", "revoked")):
        assert seller.post(f"{path}/{act}").headers["Location"] == path
        assert IssuedLicense.objects.get().status == status
    assert "Amend" not in said(seller.get(path))
    assert seller.post(f"{path}/amend", amendment()).status_code == 409


def test_a_contract_is_renewed_by_its_own_length(seller: sites.Site):
    license_id = sold(contract__auto_renew=False, contract__end_date="2026-12-31", contract__start_date="2026-01-01")
    assert "until 2027-12-31" in said(seller.get(f"/licenses/{license_id}/renew"))
    seller.post(f"/licenses/{license_id}/renew")
    assert str(IssuedLicense.objects.get().end_date) == "2027-12-31"


def test_a_license_is_provisioned_by_hand(seller: sites.Site):
    path = f"/licenses/{sold(auto_provision=False)}"
    assert "nobody can use it before it is provisioned" in said(seller.get(path))
    seller.post(f"{path}/provision", {"email": "it@mercedes.example", "message": "Welcome"})
    assert IssuedLicense.objects.get().status == "provisioned"
    assert AuditEntry.objects.get(event="license.provisioned").facts["message"] == "Welcome"


def test_a_company_is_found_by_its_tenant_and_linked(seller: sites.Site):
    page = said(seller.get("/customers?tenant_id=bmw"))
    assert "BMW AG" in page
    assert "/customers/link?tenant=bmw" in page
    assert "There is no open tenant nobody" in said(seller.get("/customers?tenant_id=nobody"))
    assert 'value="BMW AG"' in said(seller.get("/customers/link?tenant=bmw"))
    wanted = {"name": "BMW AG", "crm_account_id": "ACC-2", "tenant_id": "bmw", "contact_email": ""}
    account = seller.post("/customers/link", wanted).headers["Location"]
    assert "BMW AG" in said(seller.get(account))


def test_provisioning_by_itself_is_turned_off_and_on(seller: sites.Site):
    seller.post("/settings/provisioning", {})
    assert not Vendor.objects.get(pk=cast.VECTOR.id).auto_provisioning
    seller.post("/settings/provisioning", {"auto_provisioning": "on"})
    assert Vendor.objects.get(pk=cast.VECTOR.id).auto_provisioning


def test_products_are_added_and_changed(seller: sites.Site):
    wanted = {"id": "canoe", "name": "CANoe", "version": ">=15", "features": "can\nlin"}
    assert seller.post("/products/add", wanted).headers["Location"] == "/products"
    assert seller.post("/products/add", wanted | {"id": cast.MULTI.id}).status_code == 409
    assert 'id="id_version_error"' in seller.post("/products/canoe", wanted | {"version": "x"}).content.decode()
    seller.post("/products/canoe", {"name": "CANoe 15", "version": "", "features": ""})
    product = Product.objects.get(id="canoe")
    assert (product.name, product.version_constraint, product.features) == ("CANoe 15", "", [])


def test_a_key_is_shown_once_rotated_and_revoked(seller: sites.Site):
    wanted = {"app_name": "Salesforce", "expires_in_days": "365", "scopes": ["vendor:read"], "request_key": "f1"}
    first, again = (seller.post("/keys/generate", wanted) for _ in range(2))
    [text] = set(re.findall(r"clvk_vector-de_\w+", first.content.decode()))
    assert text in again.content.decode()
    assert text not in said(seller.get("/keys"))
    with context.acting_for(cast.VECTOR.id):
        key_id = recognising.find(text, recognising.VENDOR).id
    assert seller.post(f"/keys/{key_id}/rotate", {"request_key": "f2"}).status_code == 201
    seller.post(f"/keys/{key_id}/revoke")
    assert ApiKey.objects.get(id=key_id).revoked_at
    assert ApiKey.objects.filter(app_name="Salesforce").count() == 2


def test_colour_and_logo_are_saved_together_or_not_at_all(seller: sites.Site, vendor_site: sites.Site):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, "PNG")
    logo = SimpleUploadedFile("logo.png", out.getvalue(), "image/png")
    too_light = seller.post("/settings/brand", {"brand_color": "#ffee88", "logo": logo})
    assert too_light.status_code == 422
    assert b"Too light to be seen on white" in too_light.content
    assert Vendor.objects.get(pk=cast.VECTOR.id).logo_digest == ""
    logo.seek(0)
    seller.post("/settings/brand", {"brand_color": "#0B5394", "logo": logo})
    [shown] = re.findall(r'src="(/brands/[^"]+)"', said(seller.get("/settings/brand")))
    served = vendor_site.get(shown)
    assert (served.status_code, served.headers["Content-Type"]) == (200, "image/png")
    assert "immutable" in served.headers["Cache-Control"]
    seller.post("/settings/brand/remove-logo")
    assert vendor_site.get(shown).status_code == 404


def test_a_file_that_is_no_picture_is_refused(seller: sites.Site):
    logo = SimpleUploadedFile("logo.png", b"<script>", "image/png")
    answer = seller.post("/settings/brand", {"brand_color": "#0b5394", "logo": logo})
    assert answer.status_code == 422
    assert 'id="id_logo_error"' in answer.content.decode()


def test_a_suspended_vendors_people_look_and_change_nothing(seller: sites.Site):
    license_id = sold()
    Vendor.objects.filter(pk=cast.VECTOR.id).update(status="suspended")
    assert "This vendor is suspended" in said(seller.get("/"))
    assert seller.post(f"/licenses/{license_id}/suspend").status_code == 403
    assert IssuedLicense.objects.get().status == "provisioned"


def test_money_is_not_shown_to_those_who_may_not_see_it(db: None):
    builders.person("viewer@vector.example", role=Role.VENDOR_VIEWER, vendor_id=cast.VECTOR.id)
    viewer = sign_in(sites.vendors(), "viewer@vector.example")
    sold()
    assert "Revenue this month" not in said(viewer.get("/"))
    assert viewer.get("/billing").status_code == 403
    assert viewer.post("/licenses/generate", ORDER).status_code == 403


@pytest.mark.parametrize("path", [*PAGES[:7], "/customers/{account}", "/billing/{month}/{account}"])
def test_thirty_licenses_take_as_many_queries_as_one(seller: sites.Site, path: str):
    sold()
    account = CrmAccount.objects.get()
    where = path.format(account=account.pk, month=months.label(clock.today()))

    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            said(seller.get(where))
        return len(captured)

    counted()
    one = counted()
    for number in range(30):
        sold(crm_opportunity_id=f"SF-{number}", product__id=f"product-{number}", product__name="Another")
    assert counted() == one


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept_by_a_cache(seller: sites.Site, path: str):
    assert seller.get(path).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/licenses?q=%00", "/licenses?product=%00", "/licenses/generate?account=%00&product=%00", "/customers?q=%00&tenant_id=%00",
        "/customers/link?account=%00&tenant=%00", "/analytics?tenant=%00&zone=Mars", "/billing?account=%00", "/webhooks/a%00b",
        "/billing?page=%00", "/customers/99999999999999999999", "/brands/a/b.png",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_nobodys_fault(seller: sites.Site, path: str):
    assert seller.get(path).status_code in {200, 404}


def test_a_revoked_license_stays_to_be_read(seller: sites.Site):
    license_id = sold()
    with context.acting_for(cast.VECTOR.id):
        lifecycle.revoke(builders.actor(), cast.VECTOR.id, license_id)
    assert "revoked" in said(seller.get(f"/licenses/{license_id}"))
