"""A closed deal in the CRM becomes a license."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.models import AuditEntry
from audit.outbox.models import OutboxEntry
from cloudlicenses.kit import clock
from licensing.models import License
from tenants.context import inside
from tenants.models import Tenant
from tests import cast
from tests.vendors.crm import ABSENT, Crm, deal, faults, refused
from vendors.models import CrmAccount, IssuedLicense, Product

LICENSE = "lic-vector-mercedes-2025-001"


def test_the_seeds_deal_is_provisioned_at_once(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.fromisoformat("2026-11-04T10:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: now)
    answer = vector.sell()
    assert answer.status_code == 201
    assert answer.json() == {
        "license_id": LICENSE,
        "crm_opportunity_id": "SF-00123456",
        "package_url": f"http://vendors.localhost:8000/packages/{LICENSE}",
        "status": "provisioned",
        "customer_tenant": "http://mercedes.localhost:8000",
        "provisioned_at": "2026-11-04T10:00:00Z",
    }
    with inside("mercedes"):
        granted = License.objects.get()
        entry = AuditEntry.objects.get(event="license.provisioned")
    assert (granted.id, granted.status, granted.vendor_id) == (LICENSE, "active", "vector-de")
    assert (granted.total_licenses, granted.commit_qty, granted.max_overage) == (20, 5, 15)
    assert (granted.commit_fee_monthly, granted.overage_per_use) == (Decimal("5000.00"), Decimal("500.00"))
    assert granted.version_constraint == ">=8.0.0"
    assert granted.starts_at == datetime.fromisoformat("2025-01-01T00:00:00+00:00")
    assert granted.ends_at == datetime.fromisoformat("2027-01-01T00:00:00+00:00")  # renewed for 2026
    assert granted.package == IssuedLicense.objects.get().package
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("vendor", "vector-de", cast.VECTOR.name)
    assert (entry.ip, entry.key_id, entry.user_agent) == (None, "", "")  # the vendor's own affairs stay there
    assert set(AuditEntry.objects.values_list("event", flat=True)) == {"license.generated", "license.provisioned"}
    assert OutboxEntry.objects.filter(event="license.provisioned", tenant_id="", vendor_id="vector-de").count() == 1


def test_a_customer_without_a_tenant_waits(vector: Crm) -> None:
    answer = vector.sell(customer__tenant_id="tesla", customer__crm_account_id="ACC-1")
    assert (answer.status_code, answer.json()["status"]) == (201, "pending_customer")
    assert (answer.json()["customer_tenant"], answer.json()["provisioned_at"]) == (None, None)


def test_without_auto_provision_it_is_only_generated(vector: Crm) -> None:
    answer = vector.sell(auto_provision=False)
    assert (answer.status_code, answer.json()["status"], answer.json()["customer_tenant"]) == (201, "generated", None)
    with inside("mercedes"):
        assert not License.objects.exists()


def test_the_vendors_setting_decides_when_the_deal_says_nothing(vector: Crm) -> None:
    assert vector.sell(auto_provision=ABSENT).json()["status"] == "provisioned"


def test_the_same_deal_again_is_the_same_license(vector: Crm) -> None:
    first = vector.sell()
    again = vector.sell()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert IssuedLicense.objects.count() == 1


def test_an_idempotency_key_repeats_the_first_answer(vector: Crm) -> None:
    first, again = (vector.ask("POST", "/api/v1/licenses/generate", deal(), idempotency_key="one") for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.content == first.content


def test_other_content_for_the_same_opportunity_is_a_conflict(vector: Crm) -> None:
    vector.sell()
    other = vector.sell(entitlement__pricing__overage_per_use=501)
    assert refused(other) == (409, "opportunity_conflict")
    assert other.json()["license_id"] == LICENSE
    assert IssuedLicense.objects.get().overage_per_use == Decimal("500.00")


def test_an_account_belongs_to_one_tenant(vector: Crm) -> None:
    vector.sell()
    answer = vector.sell(crm_opportunity_id="SF-2", customer__tenant_id="bmw")
    assert refused(answer) == (409, "account_conflict")
    assert CrmAccount.objects.get().tenant_id == "mercedes"


def test_licenses_of_a_year_are_numbered(vector: Crm) -> None:
    ids = [vector.sold(crm_opportunity_id=f"SF-{number}") for number in range(3)]
    assert ids == [f"lic-vector-mercedes-2025-00{number}" for number in (1, 2, 3)]


def test_a_number_that_another_vendor_took_is_passed_over(vector: Crm, greenhills: Crm) -> None:
    vector.sold()
    seller = IssuedLicense.objects.get()
    IssuedLicense.objects.filter(pk=seller.pk).update(vendor_id=cast.GREENHILLS.id, crm_opportunity_id="theirs")
    assert vector.sold(crm_opportunity_id="SF-2") == "lic-vector-mercedes-2025-002"


def test_a_new_product_comes_into_the_catalogue(vector: Crm) -> None:
    vector.sold(product={"id": "canoe", "name": "CANoe", "version": ">=17", "features": ["can", "lin"]})
    product = Product.objects.get(id="canoe")
    assert (product.vendor_id, product.name, product.version_constraint) == ("vector-de", "CANoe", ">=17")
    assert product.features == ["can", "lin"]
    assert IssuedLicense.objects.get().features == ["can", "lin"]


def test_a_new_product_needs_a_name(vector: Crm) -> None:
    assert faults(vector.sell(product={"id": "canoe"})) == {"product.name": "required"}


def test_another_vendors_product_id_is_taken(vector: Crm) -> None:
    answer = vector.sell(product={"id": cast.MULTI.id, "name": "Ours now"})
    assert refused(answer) == (409, "product_taken")
    assert not IssuedLicense.objects.exists()
    assert not CrmAccount.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"crm_opportunity_id": ABSENT}, "crm_opportunity_id"),
        ({"crm_opportunity_id": ""}, "crm_opportunity_id"),
        ({"crm_opportunity_id": 5}, "crm_opportunity_id"),
        ({"crm_opportunity_id": "x" * 101}, "crm_opportunity_id"),
        ({"customer": "Mercedes"}, "customer"),
        ({"customer__tenant_id": "Mercedes"}, "customer.tenant_id"),
        ({"customer__tenant_id": "-mercedes"}, "customer.tenant_id"),
        ({"customer__tenant_id": "www"}, "customer.tenant_id"),
        ({"customer__name": "two\nlines"}, "customer.name"),
        ({"customer__name": "nothing\u0000ness"}, "customer.name"),
        ({"customer__contact_email": "nobody"}, "customer.contact_email"),
        ({"product__id": "a/b"}, "product.id"),
        ({"product__version": "eight"}, "product.version"),
        ({"product__features": "can"}, "product.features"),
        ({"entitlement__total_licenses": 0}, "entitlement.total_licenses"),
        ({"entitlement__total_licenses": "20"}, "entitlement.total_licenses"),
        ({"entitlement__total_licenses": 20.5}, "entitlement.total_licenses"),
        ({"entitlement__total_licenses": True}, "entitlement.total_licenses"),
        ({"entitlement__total_licenses": 10**30}, "entitlement.total_licenses"),
        ({"entitlement__commit_qty": -1}, "entitlement.commit_qty"),
        ({"entitlement__commit_qty": 21}, "entitlement.commit_qty"),
        ({"entitlement__max_overage": 16}, "entitlement.max_overage"),
        ({"entitlement__max_overage": 14}, "entitlement.max_overage"),
        ({"entitlement__pricing__commit_fee_monthly": -0.01}, "entitlement.pricing.commit_fee_monthly"),
        ({"entitlement__pricing__commit_fee_monthly": True}, "entitlement.pricing.commit_fee_monthly"),
        ({"entitlement__pricing__overage_per_use": 0.001}, "entitlement.pricing.overage_per_use"),
        ({"entitlement__pricing__overage_per_use": "1e3"}, "entitlement.pricing.overage_per_use"),
        ({"entitlement__pricing__overage_per_use": 10**10}, "entitlement.pricing.overage_per_use"),
        ({"entitlement__pricing__currency": "EURO"}, "entitlement.pricing.currency"),
        ({"contract__end_date": "2024-12-31"}, "contract.end_date"),
        ({"contract__start_date": "1.1.2025"}, "contract.start_date"),
        ({"contract__start_date": "2025-02-30"}, "contract.start_date"),
        ({"contract__start_date": "1999-12-31"}, "contract.start_date"),
        ({"contract__start_date": 20250101}, "contract.start_date"),
        ({"contract__auto_renew": "yes"}, "contract.auto_renew"),
        ({"contract__billing_cycle": "yearly"}, "contract.billing_cycle"),
        ({"auto_provision": 1}, "auto_provision"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(vector: Crm, changes: dict[str, Any], field: str) -> None:
    assert list(faults(vector.sell(**changes))) == [field]
    assert not IssuedLicense.objects.exists()
    assert not CrmAccount.objects.exists()


def test_fewer_seats_than_licenses_are_an_explicit_choice(vector: Crm) -> None:
    assert faults(vector.sell(entitlement__max_overage=5)) == {"entitlement.max_overage": "unused_seats"}
    assert vector.sell(entitlement__max_overage=5, entitlement__allow_unused_seats=True).status_code == 201


def test_what_we_do_not_know_is_ignored(vector: Crm) -> None:
    assert vector.sell(stage="Closed Won", customer__industry="cars").status_code == 201


def test_prices_may_be_written_as_text(vector: Crm) -> None:
    vector.sold(entitlement__pricing__overage_per_use="12.50")
    assert IssuedLicense.objects.get().overage_per_use == Decimal("12.50")


def test_a_suspended_customer_gets_nothing(vector: Crm) -> None:
    Tenant.objects.filter(id="mercedes").update(status="suspended")
    assert refused(vector.sell()) == (409, "customer_not_active")
    assert not IssuedLicense.objects.exists()


def test_one_deal_sent_by_five_at_once_is_one_license(committed: None) -> None:
    answers = at_once([deal()] * 5)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert {answer.json()["license_id"] for answer in answers} == {LICENSE}
    assert IssuedLicense.objects.count() == 1
    with inside("mercedes"):
        assert License.objects.count() == 1
        assert AuditEntry.objects.filter(event="license.provisioned").count() == 1


def test_deals_of_several_accounts_at_once_get_numbers_of_their_own(committed: None) -> None:
    deals = [deal(crm_opportunity_id=f"SF-{one}", customer__crm_account_id=f"ACC-{one % 2}") for one in range(6)]
    answers = at_once(deals)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json()["license_id"] for answer in answers}) == 6


def test_one_opportunity_of_two_accounts_at_once_is_one_license(committed: None) -> None:
    answers = at_once([deal(customer__crm_account_id=f"ACC-{one}") for one in range(2)])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert IssuedLicense.objects.count() == 1
    assert CrmAccount.objects.count() == 1


def at_once(deals: list[dict[str, Any]]) -> list[Any]:
    """Each in a thread with a connection of its own."""
    crm, start = Crm(), Barrier(len(deals))

    def send(body: dict[str, Any]) -> Any:
        start.wait(120)
        try:
            return Crm(key=crm.key).ask("POST", "/api/v1/licenses/generate", body)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deals)) as threads:
        return list(threads.map(send, deals))
