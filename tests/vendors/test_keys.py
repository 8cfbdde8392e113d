"""Keys of a vendor's systems."""

from __future__ import annotations

from cloudlicenses.kit.actor import SYSTEM
from keys.models import ApiKey
from tests import builders, cast
from tests.almost import mistyped
from tests.vendors.crm import Crm, faults, refused
from vendors import onboarding


def test_a_key_is_made_and_shown_once(vector: Crm) -> None:
    answer = vector.ask("POST", "/api/v1/keys", {"app_name": "Salesforce", "expires_in_days": 30})
    body = answer.json()
    assert (answer.status_code, body["app_name"], body["scopes"]) == (
        201,
        "Salesforce",
        ["vendor:read", "vendor:write"],
    )
    assert body["api_key"].startswith("clvk_vector-de_")
    assert Crm(key=body["api_key"]).ask("GET", "/api/v1/licenses").status_code == 200
    listed = vector.ask("GET", "/api/v1/keys").json()["data"]
    assert [key["app_name"] for key in listed] == ["Salesforce", "tests"]
    assert body["api_key"] not in str(listed)
    assert {name: value for name, value in body.items() if name != "api_key"} == listed[0] | {"last_used_at": None}


def test_a_key_that_may_only_read_cannot_sell(vector: Crm) -> None:
    made = vector.ask("POST", "/api/v1/keys", {"app_name": "Reports", "scopes": ["vendor:read"]}).json()
    reader = Crm(key=made["api_key"])
    assert reader.ask("GET", "/api/v1/licenses").status_code == 200
    assert refused(reader.sell()) == (403, "scope_missing")


def test_a_key_is_bound_to_its_network(vector: Crm) -> None:
    wanted = {"app_name": "SAP", "allowed_ip_ranges": ["203.0.113.7/24"]}
    made = vector.ask("POST", "/api/v1/keys", wanted).json()
    assert made["allowed_ip_ranges"] == ["203.0.113.0/24"]
    assert refused(Crm(key=made["api_key"]).ask("GET", "/api/v1/licenses")) == (403, "ip_not_allowed")


def test_wrong_wishes_are_named(vector: Crm) -> None:
    wishes = {"app_name": " ", "scopes": ["license:checkout"], "expires_in_days": 0, "allowed_ip_ranges": ["here"]}
    assert set(faults(vector.ask("POST", "/api/v1/keys", wishes))) == {
        "app_name", "scopes.0", "expires_in_days", "allowed_ip_ranges.0",
    }  # fmt: skip
    assert ApiKey.objects.count() == 1


def test_a_rotated_key_works_beside_the_new_one(vector: Crm) -> None:
    key_id = ApiKey.objects.get().id
    fresh = vector.ask("POST", f"/api/v1/keys/{key_id}/rotate", {})
    assert fresh.status_code == 201
    for key in (vector.key, fresh.json()["api_key"]):
        assert Crm(key=key).ask("GET", "/api/v1/keys").status_code == 200
    old = next(key for key in vector.ask("GET", "/api/v1/keys").json()["data"] if key["key_id"] == key_id)
    assert old["replaced_by"] == fresh.json()["key_id"]
    assert old["expires_at"] is not None


def test_a_vendor_of_the_longest_id_gets_its_first_answer_again(db: None) -> None:
    made = onboarding.create_vendor(SYSTEM, id="v" * 40, name="Long AG", email="owner@long.example")
    crm = Crm(vendor_id="v" * 40, key=made.api_key)
    first, again = (crm.ask("POST", "/api/v1/keys", {"app_name": "CRM"}, idempotency_key="one") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


def test_a_revoked_key_is_refused_at_once(vector: Crm) -> None:
    made = vector.ask("POST", "/api/v1/keys", {"app_name": "Leaked"}).json()
    answer = vector.ask("DELETE", f"/api/v1/keys/{made['key_id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert refused(Crm(key=made["api_key"]).ask("GET", "/api/v1/keys")) == (401, "key_revoked")


def test_another_vendors_keys_are_not_there(vector: Crm, greenhills: Crm) -> None:
    theirs = ApiKey.objects.get(owner=cast.GREENHILLS.id).id
    assert refused(vector.ask("DELETE", f"/api/v1/keys/{theirs}")) == (404, "not_found")
    assert refused(vector.ask("POST", f"/api/v1/keys/{theirs}/rotate", {})) == (404, "not_found")
    assert [key["app_name"] for key in vector.ask("GET", "/api/v1/keys").json()["data"]] == ["tests"]
    assert ApiKey.objects.get(id=theirs).revoked_at is None


def test_a_key_speaks_for_its_own_vendor(vector: Crm) -> None:
    assert refused(vector.ask("GET", "/api/v1/keys", x_vendor_id=cast.GREENHILLS.id)) == (403, "vendor_mismatch")
    assert refused(vector.ask("GET", "/api/v1/keys", x_vendor_id="")) == (403, "vendor_mismatch")


def test_an_applications_key_is_no_vendors_key(db: None) -> None:
    assert refused(Crm(key=mistyped(builders.vendor_key())).ask("GET", "/api/v1/keys")) == (401, "key_invalid")
