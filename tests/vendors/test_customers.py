"""Finding customers: by CRM id, tenant or name; and what a vendor can't find."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from tenants.models import Tenant
from tests.vendors.crm import Crm, faults, refused

MERCEDES = {
    "crm_account_id": "ACC-98765",
    "platform_customer_id": "CUST-00001",
    "tenant_id": "mercedes",
    "tenant_url": "http://mercedes.localhost:8000",
    "company_name": "Mercedes-Benz AG",
    "status": "active",
    "registered_at": "2025-01-01T00:00:00Z",
}


def search(crm: Crm, query: str) -> dict[str, Any]:
    answer = crm.ask("GET", f"/api/v1/customers/search?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "query",
    [
        "crm_account_id=ACC-98765",
        "tenant_id=mercedes",
        "name=Mercedes-Benz%20AG",
        "name=mercedes-benz%20ag",
        "name=benz",
    ],
)
def test_a_customer_is_found(vector: Crm, query: str) -> None:
    vector.sold()
    assert search(vector, query) == {"found": True, "customer": MERCEDES}


@pytest.mark.parametrize("query", ["crm_account_id=ACC-1", "tenant_id=tesla", "name=Tesla", "tenant_id=MERCEDES"])
def test_nobody_is_found(vector: Crm, query: str) -> None:
    vector.sold()
    assert search(vector, query) == {"found": False}


def test_any_company_with_a_tenant_is_found_by_its_subdomain(greenhills: Crm) -> None:
    assert search(greenhills, "tenant_id=mercedes") == {
        "found": True,
        "customer": MERCEDES | {"crm_account_id": None},
    }


@pytest.mark.parametrize("changes", [{"status": "suspended"}, {"status": "deleted"}, {"is_provisioned": False}])
def test_a_stranger_finds_only_active_tenants(greenhills: Crm, changes: dict[str, object]) -> None:
    Tenant.objects.filter(id="mercedes").update(**changes)
    assert search(greenhills, "tenant_id=mercedes") == {"found": False}


def test_a_name_finds_ones_own_customers_only(vector: Crm, greenhills: Crm) -> None:
    vector.sold()
    assert search(greenhills, "name=Mercedes-Benz%20AG") == {"found": False}
    assert search(greenhills, "crm_account_id=ACC-98765") == {"found": False}


def test_the_exact_name_comes_before_part_of_one(vector: Crm) -> None:
    vector.sold(customer__name="BMW AG & Co", customer__tenant_id="bmw", customer__crm_account_id="ACC-1")
    vector.sold(
        crm_opportunity_id="2", customer__name="BMW AG", customer__tenant_id="bmw", customer__crm_account_id="ACC-2"
    )
    assert search(vector, "name=bmw%20ag")["customer"]["crm_account_id"] == "ACC-2"


def test_a_customer_without_a_tenant_is_known_by_its_account(vector: Crm) -> None:
    vector.sold(customer__tenant_id="tesla", customer__name="Tesla Inc")
    assert search(vector, "crm_account_id=ACC-98765") == {
        "found": True,
        "customer": {
            "crm_account_id": "ACC-98765",
            "platform_customer_id": None,
            "tenant_id": "tesla",
            "tenant_url": None,
            "company_name": "Tesla Inc",
            "status": "not_registered",
            "registered_at": None,
        },
    }


@pytest.mark.parametrize("query", ["", "tenant_id=mercedes&name=Mercedes", "name=", "crm_account_id="])
def test_exactly_one_criterion(vector: Crm, query: str) -> None:
    assert faults(vector.ask("GET", f"/api/v1/customers/search?{query}"))


def test_a_search_with_a_null_character_is_refused(vector: Crm) -> None:
    assert "name" in faults(vector.ask("GET", "/api/v1/customers/search?name=%00"))


def test_the_vendors_customers_are_listed(vector: Crm, greenhills: Crm) -> None:
    vector.sold()
    vector.sold(
        crm_opportunity_id="2", customer__name="Tesla Inc", customer__tenant_id="tesla",
        customer__crm_account_id="ACC-2",
    )  # fmt: skip
    page = vector.ask("GET", "/api/v1/customers").json()
    assert [one["company_name"] for one in page["data"]] == ["Tesla Inc", "Mercedes-Benz AG"]
    assert page["data"][1] == MERCEDES
    assert greenhills.ask("GET", "/api/v1/customers").json()["data"] == []


def link(crm: Crm, **customer: str) -> Any:
    said = {"crm_account_id": "ACC-7", "name": "Mercedes-Benz AG", "tenant_id": "mercedes"} | customer
    return crm.ask("POST", "/api/v1/customers", said)


def test_an_account_is_linked_before_anything_is_sold(vector: Crm) -> None:
    answer = link(vector)
    assert answer.status_code == 200, answer.content
    assert answer.json() == MERCEDES | {"crm_account_id": "ACC-7"}
    assert link(vector).json() == answer.json()
    assert AuditEntry.objects.filter(event="customer.linked").count() == 2


def test_an_account_waits_for_a_tenant_that_does_not_exist_yet_and_may_turn_to_another(vector: Crm) -> None:
    assert link(vector, tenant_id="acme").json()["status"] == "not_registered"
    assert link(vector).json()["tenant_id"] == "mercedes"


def test_an_account_with_licenses_stays_where_they_are(vector: Crm) -> None:
    vector.sold()
    assert refused(link(vector, crm_account_id="ACC-98765", tenant_id="bmw")) == (409, "account_conflict")
    assert link(vector, crm_account_id="ACC-98765", name="Mercedes").status_code == 200


def test_a_tenant_id_that_cannot_be_is_named(vector: Crm) -> None:
    assert list(faults(link(vector, tenant_id="www"))) == ["tenant_id"]
