"""Products with a version constraint and features."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from tests.vendors.crm import Crm, faults, refused
from vendors.models import Product

CANOE = {"id": "canoe", "name": "CANoe", "version": ">=17,<18", "features": ["can", "lin"]}


def test_a_product_is_added_and_listed(vector: Crm) -> None:
    answer = vector.ask("POST", "/api/v1/products", CANOE)
    body = answer.json()
    assert (answer.status_code, body) == (201, CANOE | {"created_at": body["created_at"]})
    page = vector.ask("GET", "/api/v1/products").json()
    assert [product["id"] for product in page["data"]] == ["canoe", "davinci-configurator-se"]
    assert AuditEntry.objects.get(event="product.added").subject_id == "canoe"


def test_only_the_vendors_own_are_listed(vector: Crm, greenhills: Crm) -> None:
    vector.ask("POST", "/api/v1/products", CANOE)
    page = greenhills.ask("GET", "/api/v1/products").json()
    assert [product["id"] for product in page["data"]] == ["multi-ide"]


def test_an_id_is_taken_for_everybody(vector: Crm, greenhills: Crm) -> None:
    vector.ask("POST", "/api/v1/products", CANOE)
    for crm in (vector, greenhills):
        assert refused(crm.ask("POST", "/api/v1/products", CANOE)) == (409, "product_taken")
    assert Product.objects.get(id="canoe").vendor_id == "vector-de"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a b"}, "id"),
        ({"id": ""}, "id"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"version": "new"}, "version"),
        ({"features": ["a", 1]}, "features.1"),
        ({"features": ["a"] * 101}, "features"),
    ],
)
def test_a_bad_product_is_refused(vector: Crm, change: dict[str, Any], field: str) -> None:
    assert list(faults(vector.ask("POST", "/api/v1/products", CANOE | change))) == [field]
    assert not Product.objects.filter(name="CANoe").exists()


def test_a_change_holds_for_licenses_sold_later(vector: Crm) -> None:
    vector.ask("POST", "/api/v1/products", CANOE)
    before = vector.sold(crm_opportunity_id="before", product={"id": "canoe"})
    answer = vector.ask("PATCH", "/api/v1/products/canoe", {"version": ">=18", "features": ["flexray"]})
    assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "CANoe", ">=18")
    after = vector.sold(crm_opportunity_id="after", product={"id": "canoe"})
    sold = {license_id: vector.ask("GET", f"/api/v1/licenses/{license_id}").json() for license_id in (before, after)}
    assert (sold[before]["product"]["version"], sold[before]["product"]["features"]) == (">=17,<18", ["can", "lin"])
    assert (sold[after]["product"]["version"], sold[after]["product"]["features"]) == (">=18", ["flexray"])


def test_another_vendors_product_is_not_there(vector: Crm, greenhills: Crm) -> None:
    vector.ask("POST", "/api/v1/products", CANOE)
    answer = greenhills.ask("PATCH", "/api/v1/products/canoe", {"name": "Ours"})
    assert refused(answer) == (404, "not_found")
    assert Product.objects.get(id="canoe").name == "CANoe"
