"""After the sale: amend, suspend, resume, revoke, renew; and what the tenant sees of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from licensing.models import Lease, License
from tenants.context import inside
from tenants.models import Tenant
from tests.vendors.crm import Crm, faults, refused
from vendors.models import IssuedLicense


def seats_in_use(license_id: str, *types: str) -> None:
    """As the seat rule leaves them."""
    now = clock.now()
    with inside("mercedes"):
        for number, lease_type in enumerate(types):
            Lease.objects.create(
                id=f"lease-{number}", license_id=license_id, lease_type=lease_type, cost=0, currency="EUR", user="anna",
                key_id="key-1", ttl_seconds=900, issued_at=now, expires_at=now + timedelta(seconds=900),
            )  # fmt: skip
        License.objects.update(commit_in_use=types.count("commit"), overage_in_use=types.count("overage"))


def in_tenant(license_id: str) -> License:
    with inside("mercedes"):
        return License.objects.get(id=license_id)


def events_of(license_id: str) -> list[str]:
    return list(AuditEntry.objects.filter(subject_id=license_id).order_by("id").values_list("event", flat=True))


def test_an_amendment_is_in_force_at_once_on_both_sides(vector: Crm) -> None:
    license_id = vector.sold()
    answer = vector.amend(
        license_id,
        entitlement={"total_licenses": 30, "commit_qty": 10, "max_overage": 20, "pricing": {"overage_per_use": 450.5}},
        contract={"end_date": "2030-06-30", "auto_renew": False},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["entitlement"] == {
        "total_licenses": 30,
        "commit_qty": 10,
        "max_overage": 20,
        "pricing": {"commit_fee_monthly": 5000.0, "overage_per_use": 450.5, "currency": "EUR"},
    }
    assert (body["revision"], body["contract"]["end_date"], body["contract"]["auto_renew"]) == (2, "2030-06-30", False)
    granted = in_tenant(license_id)
    assert (granted.total_licenses, granted.commit_qty, granted.max_overage, granted.revision) == (30, 10, 20, 2)
    assert granted.overage_per_use == Decimal("450.50")
    assert clock.rfc3339(granted.ends_at) == "2030-07-01T00:00:00Z"
    assert granted.package == IssuedLicense.objects.get().package
    entry = AuditEntry.objects.get(event="license.amended")
    assert entry.facts["before"]["overage_per_use"] == "500.00"
    assert entry.facts["after"] == {
        "total_licenses": 30, "commit_qty": 10, "max_overage": 20, "overage_per_use": "450.50",
        "end_date": "2030-06-30", "auto_renew": False,
    }  # fmt: skip
    with inside("mercedes"):
        assert AuditEntry.objects.filter(event="license.amended").count() == 1


def test_answers_carry_money_with_its_cents(vector: Crm) -> None:
    answer = vector.ask("GET", f"/api/v1/licenses/{vector.sold()}")
    assert b'"commit_fee_monthly":5000.00,"overage_per_use":500.00' in answer.content


def test_fewer_licenses_than_are_in_use_take_no_seat_away(vector: Crm) -> None:
    license_id = vector.sold()
    seats_in_use(license_id, *["commit"] * 5, *["overage"] * 3)
    fewer = {"total_licenses": 4, "commit_qty": 2, "max_overage": 2}
    assert vector.amend(license_id, entitlement=fewer).status_code == 200
    granted = in_tenant(license_id)
    assert (granted.total_licenses, granted.commit_in_use, granted.overage_in_use) == (4, 5, 3)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({}, ""),
        ({"total_licenses": 30}, ""),
        ({"entitlement": {}}, ""),
        ({"entitlement": {"total_licenses": 3}}, "entitlement.commit_qty"),
        ({"entitlement": {"max_overage": 16}}, "entitlement.max_overage"),
        ({"entitlement": {"max_overage": 1}}, "entitlement.max_overage"),
        ({"entitlement": {"commit_qty": "5"}}, "entitlement.commit_qty"),
        ({"entitlement": {"pricing": {"overage_per_use": 0.001}}}, "entitlement.pricing.overage_per_use"),
        ({"contract": {"end_date": "2024-12-31"}}, "contract.end_date"),
        ({"contract": {"end_date": "2025-12-31"}}, "contract.end_date"),
    ],
)
def test_a_bad_amendment_changes_nothing(vector: Crm, parts: dict[str, Any], field: str) -> None:
    license_id = vector.sold()
    assert field in faults(vector.amend(license_id, **parts))
    assert IssuedLicense.objects.get().revision == in_tenant(license_id).revision == 1


def test_an_amendment_to_what_it_is_already_changes_nothing(vector: Crm) -> None:
    license_id = vector.sold()
    answer = vector.amend(license_id, entitlement={"pricing": {"overage_per_use": 500}})
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)


def test_a_suspended_license_keeps_its_seats_and_can_be_resumed(vector: Crm) -> None:
    license_id = vector.sold()
    seats_in_use(license_id, "commit", "overage")
    first, again = (vector.change(license_id, "suspend") for _ in range(2))
    assert (first.json()["status"], first.json()["revision"]) == ("suspended", 2)
    assert again.json() == first.json()
    granted = in_tenant(license_id)
    assert (granted.status, granted.commit_in_use, granted.overage_in_use) == ("suspended", 1, 1)
    first, again = (vector.change(license_id, "resume") for _ in range(2))
    assert (first.json()["status"], first.json()["revision"]) == ("provisioned", 3)
    assert again.json() == first.json()
    assert in_tenant(license_id).status == "active"
    assert events_of(license_id) == [
        "license.generated", "license.provisioned", "license.suspended", "license.resumed",
    ]  # fmt: skip


def test_a_revoked_license_ends_every_lease_for_good(vector: Crm) -> None:
    license_id = vector.sold()
    seats_in_use(license_id, "commit", "overage", "overage")
    with inside("mercedes"):
        Lease.objects.filter(id="lease-2").update(expires_at=clock.now() - timedelta(seconds=1))
    first, again = (vector.change(license_id, "revoke") for _ in range(2))
    assert first.json()["status"] == "revoked"
    assert first.json()["revoked_at"] is not None
    assert again.json() == first.json()
    granted = in_tenant(license_id)
    assert (granted.status, granted.commit_in_use, granted.overage_in_use) == ("revoked", 0, 0)
    with inside("mercedes"):
        assert dict(Lease.objects.values_list("id", "ended_by")) == {
            "lease-0": "revoked", "lease-1": "revoked", "lease-2": "expired",
        }  # fmt: skip
        assert not Lease.objects.filter(ended_at=None).exists()
    for what in ("suspend", "resume", "renew"):
        assert refused(vector.change(license_id, what)) == (409, "license_revoked")
    assert refused(vector.amend(license_id, contract={"auto_renew": False})) == (409, "license_revoked")
    assert IssuedLicense.objects.get().revision == 2


def test_what_is_not_provisioned_cannot_be_suspended(vector: Crm) -> None:
    license_id = vector.sold(auto_provision=False)
    for what in ("suspend", "resume"):
        assert refused(vector.change(license_id, what)) == (409, "license_not_provisioned")


def test_one_more_term(vector: Crm) -> None:
    license_id = vector.sold(contract__start_date="2026-01-01", contract__end_date="2027-12-31")
    assert vector.change(license_id, "renew").json()["contract"]["end_date"] == "2029-12-31"
    assert vector.change(license_id, "renew").json()["contract"]["end_date"] == "2031-12-31"
    assert clock.rfc3339(in_tenant(license_id).ends_at) == "2032-01-01T00:00:00Z"


def test_a_renewal_sent_twice_with_its_key_is_one_term(vector: Crm) -> None:
    license_id = vector.sold(contract__start_date="2026-01-01", contract__end_date="2027-12-31")
    path = f"/api/v1/licenses/{license_id}/renew"
    ends = {vector.ask("POST", path, {}, idempotency_key="r").json()["contract"]["end_date"] for _ in range(2)}
    assert ends == {"2029-12-31"}


def test_until_a_day(vector: Crm) -> None:
    license_id = vector.sold(contract__start_date="2026-01-01", contract__end_date="2027-12-31")
    first, again = (vector.change(license_id, "renew", {"end_date": "2028-06-30"}) for _ in range(2))
    assert (first.json()["contract"]["end_date"], first.json()["revision"]) == ("2028-06-30", 2)
    assert again.json() == first.json()
    assert faults(vector.change(license_id, "renew", {"end_date": "2028-06-29"})) == {"end_date": "invalid"}


def test_a_deleted_tenant_does_not_keep_the_vendor_from_its_own_records(vector: Crm) -> None:
    license_id = vector.sold()
    Tenant.objects.filter(id="mercedes").update(status=Tenant.Status.DELETED)
    assert vector.change(license_id, "revoke").json()["status"] == "revoked"


def test_changes_at_once_come_one_after_the_other(committed: None) -> None:
    crm = Crm()
    license_id = crm.sold()
    start = Barrier(6)

    def amend(price: int) -> int:
        start.wait(120)
        try:
            parts = {"entitlement": {"pricing": {"overage_per_use": price}}}
            status: int = Crm(key=crm.key).amend(license_id, **parts).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(amend, range(1, 7))) == [200] * 6
    license, granted = IssuedLicense.objects.get(), in_tenant(license_id)
    assert license.revision == granted.revision == 7
    assert (license.overage_per_use, license.package) == (granted.overage_per_use, granted.package)


@pytest.mark.parametrize("what", ["suspend", "resume", "revoke", "renew"])
def test_another_vendors_license_is_not_there(vector: Crm, greenhills: Crm, what: str) -> None:
    license_id = vector.sold()
    assert refused(greenhills.change(license_id, what)) == (404, "not_found")
    assert refused(greenhills.amend(license_id, contract={"auto_renew": False})) == (404, "not_found")
    assert refused(greenhills.ask("GET", f"/api/v1/licenses/{license_id}")) == (404, "not_found")
    assert greenhills.ask("GET", "/api/v1/licenses").json() == {"data": [], "next_cursor": None}
    assert IssuedLicense.objects.get().revision == 1


def test_a_license_shows_all_that_was_agreed(vector: Crm) -> None:
    license_id = vector.sold()
    body = vector.ask("GET", f"/api/v1/licenses/{license_id}").json()
    assert set(body) == {
        "license_id", "crm_opportunity_id", "status", "revision", "customer", "product", "entitlement", "contract",
        "package_url", "customer_tenant", "created_at", "provisioned_at", "revoked_at",
    }  # fmt: skip
    assert body["customer"] == {
        "crm_account_id": "ACC-98765",
        "name": "Mercedes-Benz AG",
        "tenant_id": "mercedes",
        "contact_email": "licenses@mercedes-benz.com",
    }
    assert body["product"] == {
        "id": "davinci-configurator-se",
        "name": "DaVinci Configurator SE",
        "version": ">=8.0.0",
        "features": [],
    }
    this_year = date(clock.today().year, 12, 31)
    assert body["contract"] == {
        "start_date": "2025-01-01",
        "end_date": str(this_year),
        "auto_renew": True,
        "billing_cycle": "monthly",
    }


def test_licenses_are_listed_a_page_at_a_time(vector: Crm) -> None:
    sold = [vector.sold(crm_opportunity_id=f"SF-{number}", auto_provision=False) for number in range(5)]
    seen: list[str] = []
    query = "limit=2"
    for _ in range(3):
        page = vector.ask("GET", f"/api/v1/licenses?{query}").json()
        seen += [license["license_id"] for license in page["data"]]
        query = f"limit=2&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert seen == sold[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=generated", ["b"]),
        ("status=provisioned", ["a"]),
        ("product=canoe", ["b"]),
        ("tenant=bmw", ["b"]),
        ("crm_account_id=ACC-98765", ["a"]),
        ("tenant=mercedes&status=generated", []),
    ],
)
def test_lists_can_be_narrowed(vector: Crm, query: str, found: list[str]) -> None:
    vector.sold(crm_opportunity_id="a")
    vector.sold(
        crm_opportunity_id="b", auto_provision=False, product={"id": "canoe", "name": "CANoe"},
        customer__tenant_id="bmw", customer__crm_account_id="ACC-2",
    )  # fmt: skip
    page = vector.ask("GET", f"/api/v1/licenses?{query}").json()
    assert [license["crm_opportunity_id"] for license in page["data"]] == found


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=ten", "limit=-1", "cursor=abc", "status=odd"])
def test_a_bad_query_is_named(vector: Crm, query: str) -> None:
    assert list(faults(vector.ask("GET", f"/api/v1/licenses?{query}"))) == [query.partition("=")[0]]


def test_a_cursor_of_another_list_is_refused(vector: Crm) -> None:
    for number in range(2):
        vector.sold(crm_opportunity_id=str(number), customer__crm_account_id=f"ACC-{number}")
    cursor = vector.ask("GET", "/api/v1/customers?limit=1").json()["next_cursor"]
    assert faults(vector.ask("GET", f"/api/v1/licenses?cursor={cursor}")) == {"cursor": "invalid"}
