"""Installations, devices and products' secrets over the control APIs, held against the OpenAPI as every exchange is."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import tokens
from accounts.models import Role
from applications import devices, fingerprints
from applications.fingerprints import Sighting
from applications.models import Fingerprint
from applications.signing.models import ProductSecret
from audit.models import AuditEntry
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.actor import Actor
from tenants.context import acting_for, inside
from tests import builders, cast, sites
from tests.applications.signers import ByKey

PRODUCT = cast.DAVINCI.id
SECRETS, SIGNING = f"/api/v1/products/{PRODUCT}/secrets", f"/api/v1/products/{PRODUCT}/signing"


def seen(value: str, mode: str = "observe") -> str:
    """The id of a fingerprint that came."""
    actor = Actor(kind="key", id="key-1", key_id="key-1", ip="10.0.0.1", hostname="dev-ws-042")
    state = "learned" if mode == "observe" else "unknown"
    fingerprints.learn([Sighting(PRODUCT, value, state, mode, "1.2", "alice", clock.now(), actor)])
    return Fingerprint.objects.get(value=value).id


def registered() -> str:
    algorithm, der = signatures.public_key_in(ByKey().pem)
    return devices.register(builders.actor("key"), devices.Wanted(algorithm, der, "dev-ws-042"))[0].id


@pytest.fixture
def token(db: None) -> str:
    return token_of(Role.LICENSE_ADMIN)


def token_of(role: Role) -> str:
    with inside("mercedes"):
        person = builders.person(f"{role}@mercedes-benz.com", role=role)
        return tokens.issue(person, "tests", actor=builders.actor())[1]


def test_fingerprints_are_listed_approved_and_blocked(mercedes_site: sites.Site, token: str) -> None:
    with inside("mercedes"):
        first, second = seen("sha256:one"), seen("sha256:two", "alert")
    page = mercedes_site.ask("GET", f"/api/v1/fingerprints?product_id={PRODUCT}&state=unknown", key=token).json()
    (row,) = page["data"]
    assert (row["fingerprint_id"], row["user"], row["hostname"], row["lib_version"]) == (
        second,
        "alice",
        "dev-ws-042",
        "1.2",
    )
    answer = mercedes_site.ask("POST", f"/api/v1/fingerprints/{second}/approve", key=token).json()
    assert (answer["state"], answer["decided_by"]) == ("known", "license_admin@mercedes-benz.com")
    assert mercedes_site.ask("POST", f"/api/v1/fingerprints/{first}/block", key=token).json()["state"] == "blocked"
    assert mercedes_site.ask("POST", "/api/v1/fingerprints/fpr-none/block", key=token).status_code == 404
    assert mercedes_site.ask("GET", "/api/v1/fingerprints?state=odd", key=token).status_code == 422
    with inside("mercedes"):
        told = set(AuditEntry.objects.filter(event__startswith="fingerprint").values_list("event", flat=True))
    assert told == {"fingerprint.unknown", "fingerprint.approved", "fingerprint.blocked"}


def test_a_products_mode(mercedes_site: sites.Site, token: str) -> None:
    path = f"/api/v1/fingerprint-modes/{PRODUCT}"
    assert mercedes_site.ask("PUT", path, {"mode": "block"}, key=token).json() == {
        "product_id": PRODUCT,
        "mode": "block",
    }
    assert mercedes_site.ask("GET", "/api/v1/fingerprint-modes", key=token).json()["data"] == [
        {"product_id": PRODUCT, "mode": "block"}
    ]
    assert mercedes_site.ask("PUT", path, {"mode": "hope"}, key=token).status_code == 422


def test_a_product_has_room_for_so_many_installations(
    mercedes_site: sites.Site, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "MOST_OF_A_PRODUCT", 1)
    with inside("mercedes"):
        seen("sha256:one")
        with pytest.raises(Fingerprint.DoesNotExist):
            seen("sha256:two")
        seen("sha256:one")


def test_devices_are_approved_and_revoked(mercedes_site: sites.Site, token: str) -> None:
    with inside("mercedes"):
        device = registered()
    assert mercedes_site.ask("GET", "/api/v1/devices?state=pending", key=token).json()["data"][0]["device_id"] == device
    assert mercedes_site.ask("POST", f"/api/v1/devices/{device}/approve", key=token).json()["state"] == "active"
    for _ in range(2):
        assert mercedes_site.ask("DELETE", f"/api/v1/devices/{device}", key=token).json()["state"] == "revoked"
    assert mercedes_site.ask("POST", f"/api/v1/devices/{device}/approve", key=token).json()["code"] == "device_revoked"


def test_who_approves_devices(mercedes_site: sites.Site, token: str) -> None:
    path, on = "/api/v1/device-policy", {"approves_by_itself": True}
    assert mercedes_site.ask("GET", path, key=token).json() == {"approves_by_itself": False}
    assert mercedes_site.ask("PUT", path, on, key=token).json() == on
    assert mercedes_site.ask("GET", path, key=token).json() == on


def test_who_may_only_look(mercedes_site: sites.Site, db: None) -> None:
    viewer = token_of(Role.VIEWER)
    assert mercedes_site.ask("GET", "/api/v1/devices", key=viewer).status_code == 200
    assert (
        mercedes_site.ask("PUT", "/api/v1/device-policy", {"approves_by_itself": True}, key=viewer).status_code == 403
    )


def test_a_products_secrets(vendor_site: sites.Site, db: None) -> None:
    key, vendor = builders.vendor_key(), {"x_vendor_id": cast.VECTOR.id}

    def ask(method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        answer = vendor_site.ask(method, path, body, key=key, **vendor)
        return answer.status_code, answer.json()

    required = {"signature_required": True}
    assert ask("PATCH", SIGNING, required)[1]["code"] == "secret_missing"
    first, second = ask("POST", SECRETS)[1], ask("POST", SECRETS)[1]
    assert first["key_id"] == signatures.secret_id(str(first["secret"]))
    assert ask("POST", SECRETS)[1]["code"] == "two_secrets_valid"
    assert ask("PATCH", SIGNING, required)[1]["signature_required"] is True
    assert ask("DELETE", f"{SECRETS}/{first['key_id']}")[1]["retired_at"]
    assert ask("DELETE", f"{SECRETS}/{second['key_id']}")[1]["code"] == "last_secret_needed"
    shown = ask("GET", SIGNING)[1]
    assert [each["key_id"] for each in shown["secrets"]] == [second["key_id"], first["key_id"]]
    assert str(first["secret"]) not in str(shown)
    assert ask("GET", f"/api/v1/products/{cast.MULTI.id}/signing")[0] == 404


def test_a_secret_lies_sealed_and_no_other_vendor_sees_it(vendor_site: sites.Site, db: None) -> None:
    answer = vendor_site.ask("POST", SECRETS, key=builders.vendor_key(), x_vendor_id=cast.VECTOR.id).json()
    sealed = bytes(ProductSecret.objects.get().sealed_secret)
    assert answer["secret"].encode() not in sealed
    assert answer["secret"][-20:].encode() not in sealed
    with acting_for(cast.GREENHILLS.id):
        assert not ProductSecret.objects.exists()
