"""Licenses in the vendor portal: found, sold with the price told first, amended, suspended, renewed, provisioned by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.models import AuditEntry
from licensing.models import License
from tenants import context
from tests import cast, sites
from tests.pages.selling import said, sold
from vendors.models import IssuedLicense

ORDER = {
    "customer_name": "Mercedes-Benz AG", "crm_account_id": "ACC-98765", "tenant_id": "mercedes", "contact_email": "",
    "product_id": cast.DAVINCI.id, "version": ">=8.0.0", "total_licenses": "20", "commit_qty": "5", "max_overage": "15",
    "commit_fee_monthly": "5000.00", "overage_per_use": "500.00", "currency": "EUR", "start_date": "2026-01-01",
    "end_date": "2026-12-31", "auto_renew": "on", "auto_provision": "on", "crm_opportunity_id": "SF-1",
}  # fmt: skip


def test_licenses_are_searched_and_filtered(vendor_owner: sites.Site):
    one, other = sold(), sold(crm_opportunity_id="SF-9", product__id="canoe", product__name="CANoe")
    assert one not in (page := said(vendor_owner.get("/licenses?q=SF-9")))
    assert other in page
    assert other not in said(vendor_owner.get(f"/licenses?product={cast.DAVINCI.id}"))
    assert "Nothing like this" in said(vendor_owner.get("/licenses?status=revoked"))


def test_the_price_is_shown_before_anything_is_made(vendor_owner: sites.Site):
    page = said(vendor_owner.post("/licenses/generate", ORDER))
    for told in (
        "5,000.00\xa0EUR",
        "500.00\xa0EUR",
        "12,500.00\xa0EUR",
        "60,000.00\xa0EUR",
        "20 licenses (5 commit, 15 overage)",
    ):
        assert told in page
    assert not IssuedLicense.objects.exists()


def test_agreeing_makes_one_license_in_the_customers_tenant_however_often(vendor_owner: sites.Site):
    answers = [vendor_owner.post("/licenses/generate", ORDER | {"step": "agreed"}) for _ in range(2)]
    license = IssuedLicense.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [f"/licenses/{license.id}"] * 2
    assert license.status == "provisioned"
    with context.inside(cast.MERCEDES.id):
        assert License.objects.get().total_licenses == 20
    assert AuditEntry.objects.get(event="license.generated").actor_label == "owner@vector.example"


def test_selling_begins_with_a_customer_there_is(vendor_owner: sites.Site):
    assert "known-customer" not in said(vendor_owner.get("/licenses/generate"))
    sold()
    assert '<option value="ACC-98765">Mercedes-Benz AG</option>' in said(vendor_owner.get("/licenses/generate"))
    page = said(vendor_owner.get("/licenses/generate?account=ACC-98765"))
    assert 'name="tenant_id" value="mercedes"' in page


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
    vendor_owner: sites.Site, wrong: dict[str, str], field: str, step: str
):
    answer = vendor_owner.post("/licenses/generate", ORDER | wrong | {"step": step})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not IssuedLicense.objects.exists()


def amendment(**changes: str) -> dict[str, str]:
    terms = {
        "total_licenses": "20", "commit_qty": "5", "max_overage": "15", "commit_fee_monthly": "5000.00",
        "overage_per_use": "500.00", "end_date": str(IssuedLicense.objects.get().end_date), "auto_renew": "on",
    }  # fmt: skip
    return terms | changes


def test_an_amendment_says_what_it_does_and_then_does_it(vendor_owner: sites.Site):
    path = f"/licenses/{sold()}"
    page = said(vendor_owner.post(f"{path}/amend", amendment(overage_per_use="600.00")))
    assert "600.00\xa0EUR" in page
    assert IssuedLicense.objects.get().revision == 1
    assert (
        vendor_owner.post(f"{path}/amend", amendment(overage_per_use="600.00", step="agreed")).headers["Location"]
        == path
    )
    assert (IssuedLicense.objects.get().overage_per_use, IssuedLicense.objects.get().revision) == (Decimal("600.00"), 2)
    assert vendor_owner.post(f"{path}/amend", amendment(commit_qty="50")).status_code == 422


def test_a_license_is_suspended_resumed_and_revoked_after_a_question_that_names_the_cost(vendor_owner: sites.Site):
    path = f"/licenses/{sold()}"
    assert "The commit fee of 5,000.00\xa0EUR a month goes on." in said(vendor_owner.get(f"{path}/suspend"))
    for act, status in (("suspend", "suspended"), ("resume", "provisioned"), ("revoke", "revoked")):
        assert vendor_owner.post(f"{path}/{act}").headers["Location"] == path
        assert IssuedLicense.objects.get().status == status
    assert "Amend" not in said(vendor_owner.get(path))
    assert vendor_owner.post(f"{path}/amend", amendment()).status_code == 409


def test_a_contract_is_renewed_by_its_own_length(vendor_owner: sites.Site):
    license_id = sold(contract__auto_renew=False, contract__end_date="2026-12-31", contract__start_date="2026-01-01")
    assert "until 31 Dec 2027" in said(vendor_owner.get(f"/licenses/{license_id}/renew"))
    vendor_owner.post(f"/licenses/{license_id}/renew")
    assert str(IssuedLicense.objects.get().end_date) == "2027-12-31"


def test_a_license_is_provisioned_by_hand(vendor_owner: sites.Site):
    path = f"/licenses/{sold(auto_provision=False)}"
    assert "nobody can use it before it is provisioned" in said(vendor_owner.get(path))
    vendor_owner.post(f"{path}/provision", {"email": "it@mercedes.example", "message": "Welcome"})
    assert IssuedLicense.objects.get().status == "provisioned"
    assert AuditEntry.objects.get(event="license.provisioned").facts["message"] == "Welcome"
