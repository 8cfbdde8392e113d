"""Pages of installations, devices and products' secrets."""

from __future__ import annotations

import re

from accounts.models import Role
from applications import fingerprints, queries
from applications.models import Device, Fingerprint, ProductGuard
from applications.signing import secrets
from cloudlicenses.kit import clock
from tenants.context import acting_for, inside
from tests import builders, cast, sites
from tests.applications.test_api import PRODUCT, registered, seen
from tests.pages.conftest import Enter, at_mercedes, owner, seller, vendor_owner

__all__ = ["at_mercedes", "owner", "seller", "vendor_owner"]  # fixtures


def test_installations_are_listed_and_decided_on(owner: sites.Site) -> None:
    assert "No installations yet" in owner.get("/applications").content.decode()
    with inside("mercedes"):
        first, second = seen("sha256:one"), seen("sha256:<b>two", "alert")
    page = owner.get("/applications").content.decode()
    assert "sha256:one" in page
    assert "<b>two" not in page
    assert "sha256:one" not in owner.get("/applications?state=unknown").content.decode()
    assert "No installation fits" in owner.get("/applications?q=zzz").content.decode()
    owner.post("/applications/decide", {"chosen": [first, second], "decision": "block"})
    with inside("mercedes"):
        assert set(Fingerprint.objects.values_list("state", flat=True)) == {"blocked"}
    answer = owner.post("/applications/decide", {"chosen": [first], "decision": "approve"}, follow=True)
    assert "1 installation is approved." in answer.content.decode()
    answer = owner.post("/applications/decide", {"decision": "approve"}, follow=True)
    assert "Choose at least one installation." in answer.content.decode()


def test_the_mode_of_a_product(owner: sites.Site) -> None:
    path = f"/applications/mode/{PRODUCT}"
    assert owner.get(path).status_code == 200
    assert owner.post(path, {"mode": "hope"}).status_code == 422
    assert owner.post(path, {"mode": "block"}).status_code == 302
    with inside("mercedes"):
        assert ProductGuard.objects.get(product_id=PRODUCT).mode == "block"
    assert "Block: what is new" in owner.get("/applications").content.decode()


def test_devices_are_approved_and_revoked_after_a_question(owner: sites.Site) -> None:
    assert "No devices yet" in owner.get("/devices").content.decode()
    with inside("mercedes"):
        device = registered()
    assert "dev-ws-042" in owner.get("/devices?q=ws-042").content.decode()
    for act, state in (("approve", "active"), ("revoke", "revoked")):
        assert owner.get(f"/devices/{device}/{act}").status_code == 200
        assert owner.post(f"/devices/{device}/{act}").status_code == 302
        with inside("mercedes"):
            assert Device.objects.get().state == state
    owner.post("/devices/policy", {"approves_by_itself": "on"})
    assert "approved at once" in owner.get("/devices").content.decode()
    with inside("mercedes"):
        assert queries.approves_devices_by_itself()


def test_who_may_only_look_is_offered_no_decisions(at_mercedes: Enter) -> None:
    viewer = at_mercedes(Role.VIEWER)
    with inside("mercedes"):
        device = registered()
        seen("sha256:one")
    assert 'name="chosen"' not in viewer.get("/applications").content.decode()
    assert "/revoke" not in viewer.get("/devices").content.decode()
    assert viewer.post(f"/devices/{device}/revoke").status_code == 403


def test_a_product_secret_is_shown_once_and_retired(vendor_owner: sites.Site) -> None:
    path = f"/products/{PRODUCT}/signing"
    assert "No secrets yet" in vendor_owner.get(path).content.decode()
    form = {"request_key": "form-1"}
    made = [vendor_owner.post(f"{path}/generate", form).content.decode() for _ in range(2)]
    texts = [re.findall(r"clps_vector-de_\w{49}", page)[0] for page in made]
    assert texts[0] == texts[1]
    assert texts[0] not in vendor_owner.get(path).content.decode()
    with acting_for(cast.VECTOR.id):
        (secret,) = secrets.valid_of(PRODUCT)
    for _ in range(2):  # whoever answers second undoes nothing
        assert "Require signatures?" in vendor_owner.get(f"{path}/require").content.decode()
        vendor_owner.post(f"{path}/require")
    refused = vendor_owner.post(f"{path}/{secret.id}/retire", follow=True).content.decode()
    assert "last valid secret" in refused
    assert "/require?signatures=off" in vendor_owner.get(path).content.decode()
    vendor_owner.post(f"{path}/require?signatures=off")
    vendor_owner.post(f"{path}/{secret.id}/retire")
    with acting_for(cast.VECTOR.id):
        assert not secrets.valid_of(PRODUCT).exists()


def test_sales_people_see_that_a_product_is_signed_for(seller: sites.Site) -> None:
    page = seller.get(f"/products/{PRODUCT}/signing").content.decode()
    assert "Generate a secret" not in page
    assert seller.post(f"/products/{PRODUCT}/signing/require").status_code == 403


def test_a_key_is_bound_to_devices_by_its_form(owner: sites.Site) -> None:
    with inside("mercedes"):
        builders.tenant_key(id="key-1")
    owner.post("/keys/key-1/restrictions", {"require_device": "on"})
    assert 'href="/devices">required' in owner.get("/keys/key-1").content.decode()


def test_products_are_those_that_were_seen_and_those_with_a_mode(db: None) -> None:
    with inside(cast.MERCEDES.id):
        assert queries.products() == {}
        now = clock.now()
        for number, product_id in enumerate(["b", "a", "b", "c"]):
            Fingerprint.objects.create(
                id=f"fpr-{number}",
                product_id=product_id,
                value=str(number),
                state="learned",
                first_seen_at=now,
                last_seen_at=now,
            )
        fingerprints.set_mode(builders.actor(), "d", "block")
        assert list(queries.products().items()) == [
            ("a", "observe"),
            ("b", "observe"),
            ("c", "observe"),
            ("d", "block"),
        ]
