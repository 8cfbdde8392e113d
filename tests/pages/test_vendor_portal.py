"""The vendor portal's first page: what strangers read, and that a vendor sees its own and nothing else."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders, cast, sites
from vendors.models import Vendor


def test_strangers_read_how_one_gets_in(db: None, vendor_site: sites.Site):
    page = vendor_site.get("/")
    assert page.status_code == 200
    assert b"Access comes with an invitation by e-mail" in page.content


def test_a_seller_sees_licenses_customers_and_products_of_its_own(seller: sites.Site):
    builders.issued("lic-ours", tenant_id=cast.MERCEDES.id, status="provisioned")
    builders.issued("lic-theirs", product=cast.MULTI, tenant_id=cast.MERCEDES.id)
    page = seller.get("/").content.decode()
    for said in (
        "Vector Informatik GmbH",
        "lic-ours",
        "10 licenses (5 commit, 5 overage)",
        "Mercedes-Benz AG",
        cast.DAVINCI.id,
    ):
        assert said in page
    for hidden in ("lic-theirs", cast.MULTI.id, "Green Hills"):
        assert hidden not in page


def test_a_suspended_vendor_is_told_so(seller: sites.Site):
    Vendor.objects.filter(pk=cast.VECTOR.id).update(status="suspended")
    assert b"This vendor is suspended" in seller.get("/").content


def test_ten_licenses_take_as_many_queries_as_one(seller: sites.Site):
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            seller.get("/")
        return len(captured)

    builders.issued("lic-0")
    one = counted()
    for number in range(1, 10):
        builders.issued(f"lic-{number}")
    assert counted() == one
