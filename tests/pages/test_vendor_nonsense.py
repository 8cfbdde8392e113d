"""Nonsense in the vendor portal's addresses and forms is nobody's fault, and nothing is half done; and a month's first look."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from billing.models import UsageRecord, WebhookEndpoint
from cloudlicenses.kit import clock, months
from keys.models import ApiKey
from tests import cast, sites
from tests.pages.selling import sold
from vendors.models import CrmAccount, IssuedLicense, Product, Vendor

ORDER = {
    "customer_name": "Mercedes-Benz AG", "crm_account_id": "ACC-98765", "tenant_id": "mercedes", "contact_email": "",
    "product_id": cast.DAVINCI.id, "version": ">=8.0.0", "total_licenses": "20", "commit_qty": "5", "max_overage": "15",
    "commit_fee_monthly": "5000.00", "overage_per_use": "500.00", "currency": "EUR", "start_date": "2026-01-01",
    "end_date": "2026-12-31", "auto_renew": "on", "auto_provision": "on", "crm_opportunity_id": "SF-1",
}  # fmt: skip
NONSENSE = (
    "",
    " ",
    "\0",
    "-1",
    "9" * 5000,
    "1e999999",
    "NaN",
    "-Infinity",
    "9999-12-31",
    "0000-00-00",
    "²",
    "🂡" * 300,
    "=1+1",
)
FORMS = {
    "/licenses/generate": ORDER | {"step": "agreed"},
    "/products/add": {"id": "ware", "name": "Ware", "version": "", "features": "a"},
    "/customers/link": {"name": "BMW AG", "crm_account_id": "ACC-2", "tenant_id": "bmw", "contact_email": ""},
    "/keys/generate": {
        "app_name": "CRM", "expires_in_days": "365", "scopes": "vendor:read", "allowed_ip_ranges": "", "request_key": "r",
    },
    "/webhooks/add": {"url": "https://93.184.216.34/", "listens_to": "*", "authorization": "", "request_key": "r"},
    "/settings": {"name": "Vector", "email": "a@vector.example", "support_email": ""},
    "/settings/brand": {"brand_color": "#1f5fd6"},
    "/licenses/{license}/amend": {
        "total_licenses": "20", "commit_qty": "6", "max_overage": "14", "commit_fee_monthly": "1.00", "overage_per_use": "2.00",
        "end_date": "2099-12-31", "step": "agreed",
    },
    "/licenses/{license}/provision": {"email": "a@b.example", "message": ""},
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        f"/billing?account={'9' * 5000}", f"/billing?page={'9' * 5000}", f"/customers/{'9' * 5000}", "/billing?period=2099-12",
        "/billing?period=2000-01", "/billing/2099-12.csv", f"/analytics?days={'9' * 5000}", "/billing?account=99999999999999999999",
    ],
)  # fmt: skip
def test_numbers_beyond_all_measure_in_the_address_find_nothing(vendor_owner: sites.Site, path: str) -> None:
    assert vendor_owner.get(path).status_code in {200, 404}


@pytest.mark.parametrize("path", FORMS)
def test_nonsense_in_a_form_is_told_or_taken_and_never_half_done(vendor_owner: sites.Site, path: str) -> None:
    """Each field in turn holds each piece of nonsense; whatever is refused has changed nothing."""
    address, whole = path.format(license=sold()), FORMS[path]
    for field in whole:
        for nonsense in NONSENSE:
            before = rows()
            answer = vendor_owner.post(address, whole | {field: nonsense})
            assert answer.status_code < 500, (field, nonsense[:20])
            assert answer.status_code in {200, 201, 302} or rows() == before, (field, nonsense[:20])


def rows() -> list[Any]:
    kinds: tuple[Any, ...] = (Vendor, Product, CrmAccount, IssuedLicense, ApiKey, WebhookEndpoint, AuditEntry)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


@pytest.mark.parametrize(
    ("path", "fee"),
    [
        ("/", "5,000.00\xa0EUR"),
        ("/billing", "5,000.00\xa0EUR"),
        ("/billing/{month}/{account}", "5,000.00\xa0EUR"),
        ("/billing/{month}/{account}/charges.csv", "5000.00"),
    ],
)
def test_the_first_look_at_a_month_has_its_fees_already(path: str, fee: str, vendor_owner: sites.Site) -> None:
    sold()
    assert not UsageRecord.objects.exists()
    address = path.format(month=months.label(clock.today()), account=CrmAccount.objects.get().pk)
    assert fee in vendor_owner.get(address).content.decode()
