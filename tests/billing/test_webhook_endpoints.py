"""The webhooks' API: endpoints, their secrets, the log of deliveries, redelivery."""

from __future__ import annotations

from typing import Any

import pytest

from audit.delivery import Event
from audit.models import AuditEntry
from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks import deliveries, endpoints
from billing.webhooks.telling import tell_vendor
from cloudlicenses.kit import clock, jsonmoney
from tests import builders, cast
from tests.billing import history
from tests.sites import Site

pytestmark = pytest.mark.django_db
PATH = "/api/v1/webhooks"
WANTED = {"url": "https://vector.example/in", "events": ["invoice.created"], "authorization": "internal-key"}


class Vendor:
    """A vendor's system with its key."""

    def __init__(self, site: Site, vendor: cast.Seller = cast.VECTOR) -> None:
        self.site, self.id, self.key = site, vendor.id, builders.vendor_key(vendor.id)

    def ask(self, method: str, path: str = "", body: object = None, **headers: str) -> Any:
        return self.site.ask(method, PATH + path, body, key=self.key, x_vendor_id=self.id, **headers)


@pytest.fixture
def vector(vendor_site: Site) -> Vendor:
    return Vendor(vendor_site)


def test_a_new_endpoint_shows_its_secret_once(vector: Vendor) -> None:
    answer = vector.ask("POST", body=WANTED)
    assert answer.status_code == 201
    created = answer.json()
    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert created == {
        "id": created["id"],
        "url": "https://vector.example/in",
        "events": ["invoice.created"],
        "is_active": True,
        "has_authorization": True,
        "former_secret_until": None,
        "created_at": created["created_at"],
    }
    assert vector.ask("GET", f"/{created['id']}").json() == created
    assert vector.ask("GET").json() == {"data": [created], "next_cursor": None}
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoints.secrets_of(endpoint), endpoints.authorization_of(endpoint)) == ([secret], "internal-key")
    assert secret.encode() not in bytes(endpoint.sealed_secret)
    assert AuditEntry.objects.get(event="webhook.added").vendor_id == cast.VECTOR.id


def test_the_same_request_with_one_key_makes_one_endpoint(vector: Vendor) -> None:
    first, again = (vector.ask("POST", body=WANTED, idempotency_key="k-1") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert WebhookEndpoint.objects.count() == 1


def test_another_vendor_finds_nothing(vector: Vendor, vendor_site: Site) -> None:
    endpoint_id = vector.ask("POST", body=WANTED).json()["id"]
    other = Vendor(vendor_site, cast.GREENHILLS)
    assert other.ask("GET").json()["data"] == []
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/rotate-secret"),
    ):
        assert other.ask(method, f"/{endpoint_id}{path}", {} if method == "PATCH" else None).status_code == 404
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": 5}, "url"),
        ({"url": "https://vector\n.example/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["invoice.paid"]}, "events.0"),
        ({"events": "invoice.created"}, "events"),
        ({"authorization": "two words"}, "authorization"),
        ({"authorization": "ключ"}, "authorization"),
    ],
)
def test_wrong_fields_are_named(vector: Vendor, change: dict[str, Any], field: str) -> None:
    answer = vector.ask("POST", body=WANTED | change)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert not WebhookEndpoint.objects.exists()


def test_a_private_address_is_refused(vector: Vendor) -> None:
    answer = vector.ask("POST", body=WANTED | {"url": "https://10.0.0.1/in"})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_not_allowed")


def test_there_is_a_limit(vector: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 1)
    assert vector.ask("POST", body=WANTED).status_code == 201
    answer = vector.ask("POST", body=WANTED)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


def test_changes_are_kept(vector: Vendor) -> None:
    endpoint_id = vector.ask("POST", body=WANTED).json()["id"]
    changes = {"url": "https://vector.example/new", "events": ["*"], "is_active": False, "authorization": ""}
    changed = vector.ask("PATCH", f"/{endpoint_id}", changes).json()
    assert (changed["url"], changed["events"], changed["is_active"], changed["has_authorization"]) == (
        "https://vector.example/new", ["*"], False, False,
    )  # fmt: skip
    assert vector.ask("PATCH", f"/{endpoint_id}", {}).json() == changed


def test_a_rotated_secret_is_another_one(vector: Vendor) -> None:
    created = vector.ask("POST", body=WANTED).json()
    rotated = vector.ask("POST", f"/{created['id']}/rotate-secret").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != created["secret"]
    assert endpoints.secrets_of(WebhookEndpoint.objects.get()) == [rotated["secret"], created["secret"]]


def test_a_removed_endpoint_is_gone_with_its_log(vector: Vendor) -> None:
    endpoint_id = vector.ask("POST", body=WANTED).json()["id"]
    a_message(endpoint_id)
    assert vector.ask("DELETE", f"/{endpoint_id}").status_code == 204
    assert vector.ask("GET", f"/{endpoint_id}").status_code == 404
    assert not WebhookDelivery.objects.exists()


def test_deliveries_are_listed_a_page_at_a_time(vector: Vendor) -> None:
    endpoint_id = vector.ask("POST", body=WANTED).json()["id"]
    for number in range(3):
        a_message(endpoint_id, f"msg-{number}")
    first = vector.ask("GET", f"/{endpoint_id}/deliveries?limit=2").json()
    rest = vector.ask("GET", f"/{endpoint_id}/deliveries?limit=2&cursor={first['next_cursor']}").json()
    assert (len(first["data"]), len(rest["data"]), rest["next_cursor"]) == (2, 1, None)
    assert {delivery["message_id"] for delivery in first["data"] + rest["data"]} == {"msg-0", "msg-1", "msg-2"}
    assert vector.ask("GET", f"/{endpoint_id}/deliveries?cursor=x").status_code == 422


def test_redelivery_puts_it_on_its_way_again(vector: Vendor) -> None:
    endpoint_id = vector.ask("POST", body=WANTED).json()["id"]
    delivery_id = a_message(endpoint_id)
    WebhookDelivery.objects.update(status="failed")
    path = f"/{endpoint_id}/deliveries/{delivery_id}/redeliver"
    answer = vector.ask("POST", path)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert vector.ask("POST", f"/{endpoint_id}/deliveries/dlv-0/redeliver").status_code == 404
    assert vector.ask("POST", f"/wh-0/deliveries/{delivery_id}/redeliver").status_code == 404


def test_who_listens_hears_of_licenses(vector: Vendor) -> None:
    vector.ask("POST", body=WANTED | {"events": ["license.revoked"]})
    vector.ask("POST", body=WANTED | {"events": ["*"]})
    vector.ask("POST", body=WANTED)
    history.sold(to=history.customer())
    for name in ("license.revoked", "license.revoked", "license.amended"):
        tell_vendor(an_event(name))
    assert sorted(WebhookDelivery.objects.values_list("event", flat=True)) == [
        "license.amended", "license.revoked", "license.revoked",
    ]  # fmt: skip
    assert '"crm_account_id":"ACC-98765"' in WebhookDelivery.objects.first().body


def a_message(endpoint_id: str, message_id: str = "msg-1") -> str:
    endpoint = WebhookEndpoint.objects.get(id=endpoint_id)
    delivery = deliveries._delivery(endpoint, deliveries.Message(cast.VECTOR.id, "invoice.created", message_id, "{}"))
    delivery.save(force_insert=True)
    return delivery.id


def an_event(name: str) -> Event:
    return Event(
        id=f"evt-{name}", name=name, at=clock.now(), tenant_id="", vendor_id=cast.VECTOR.id, entry_id=1,
        actor=builders.actor(), subject=("license", "lic-1"),
    )  # fmt: skip


def test_a_test_message_goes_to_one_endpoint_alone_whatever_it_listens_to(vector: Vendor) -> None:
    asked, other = (vector.ask("POST", body=WANTED).json()["id"] for _ in range(2))
    answer = vector.ask("POST", f"/{asked}/test")
    assert (answer.status_code, answer.json()["event"], answer.json()["status"]) == (202, "webhook.test", "pending")
    assert jsonmoney.loads(answer.json()["body"])["type"] == "webhook.test"
    assert [one["id"] for one in vector.ask("GET", f"/{asked}/deliveries").json()["data"]] == [answer.json()["id"]]
    assert vector.ask("GET", f"/{other}/deliveries").json()["data"] == []
    assert vector.ask("POST", "/wh-none/test").status_code == 404
