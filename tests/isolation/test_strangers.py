"""Who belongs to one tenant is nobody at another: sessions, keys, tokens, ids, counters, kept answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from django.conf import settings

from accounts import tokens
from accounts.models import User
from audit.models import AuditEntry
from keys.models import ApiKey
from licensing.models import Lease, License
from tenants.context import inside
from tests import builders, cast
from tests.sites import Site

OF_MERCEDES: dict[str, tuple[str, str, object]] = {
    "a license": ("GET", "/api/v1/licenses/lic-of-mercedes", None),
    "its caps": ("PATCH", "/api/v1/licenses/lic-of-mercedes/caps", {"cap_in_use": 0}),
    "a lease": ("DELETE", "/api/v1/leases/lease-of-mercedes", None),
    "a key, revoked": ("DELETE", "/api/v1/keys/key-of-mercedes", None),
    "a key, restricted": ("POST", "/api/v1/keys/key-of-mercedes/restrictions", {"allowed_hostnames": []}),
    "a key, rotated": ("POST", "/api/v1/keys/key-of-mercedes/rotate", None),
}


@pytest.fixture(autouse=True)
def both_have_an_owner(db: None) -> None:
    """The same address with the same password at both, and the same number: nothing but the tenant tells them apart."""
    for customer in cast.CUSTOMERS:
        with inside(customer.id):
            builders.person("anna@both.example")


def sign_in(site: Site) -> None:
    answer = site.post("/login", {"email": "anna@both.example", "password": cast.PASSWORD})
    assert answer.status_code == 302, answer.content


def token_of(tenant_id: str) -> str:
    with inside(tenant_id):
        return tokens.issue(User.objects.get(), "tests", actor=builders.actor())[1]


def test_a_session_is_nothing_on_another_tenants_host(mercedes_site: Site, bmw_site: Site) -> None:
    sign_in(mercedes_site)
    assert mercedes_site.get("/").status_code == 200
    bmw_site.cookies = mercedes_site.cookies
    assert bmw_site.get("/").headers["Location"].startswith("/login")
    assert bmw_site.ask("GET", "/api/v1/licenses").status_code == 401


def test_a_session_cookie_is_for_its_host_alone(mercedes_site: Site) -> None:
    sign_in(mercedes_site)
    assert mercedes_site.cookies["cl_session"]["domain"] == ""


@pytest.mark.parametrize(
    "key_of", [lambda: builders.tenant_key(), lambda: token_of(cast.MERCEDES.id)], ids=["key", "personal token"]
)
def test_a_key_of_one_tenant_opens_nothing_at_another(
    key_of: Callable[[], str], mercedes_site: Site, bmw_site: Site, vendor_site: Site
) -> None:
    with inside(cast.MERCEDES.id):
        builders.granted("lic-of-mercedes")
        key = key_of()
        ApiKey.objects.update(scopes=["license:read"])
    assert mercedes_site.ask("GET", "/api/v1/licenses", key=key).status_code == 200
    refused = bmw_site.ask("GET", "/api/v1/licenses", key=key)
    assert refused.status_code in {401, 403}
    assert b"mercedes" not in refused.content.lower()
    assert vendor_site.ask("GET", "/api/v1/licenses", key=key, x_vendor_id=cast.VECTOR.id).status_code in {401, 404}


@pytest.mark.parametrize(("method", "path", "body"), OF_MERCEDES.values(), ids=OF_MERCEDES)
def test_an_id_of_another_tenant_is_not_there(
    bmw_site: Site, mercedes_site: Site, method: str, path: str, body: object
) -> None:
    with inside(cast.MERCEDES.id):
        builders.leased(builders.granted("lic-of-mercedes"), "lease-of-mercedes")
        builders.tenant_key(id="key-of-mercedes")
        before = _state()
    answer = bmw_site.ask(method, path, body, key=token_of(cast.BMW.id))
    assert answer.status_code == 404
    assert answer.json()["code"] in {"not_found", "lease_not_found"}
    with inside(cast.MERCEDES.id):
        assert _state() == before


def test_limits_are_counted_for_each_tenant_by_itself(mercedes_site: Site, bmw_site: Site) -> None:
    """Both people have the same number in their own schemas."""
    for site, tenant_id in ((mercedes_site, cast.MERCEDES.id), (bmw_site, cast.BMW.id)):
        assert site.ask("GET", "/api/v1/licenses", key=token_of(tenant_id)).status_code == 200
    counted = [name for name in redis.Redis.from_url(settings.REDIS_URL).scan_iter() if b":user:" in name]
    assert sorted(b"mercedes" in name for name in counted) == [False, True]
    assert sorted(b"bmw" in name for name in counted) == [False, True]


def test_an_idempotency_key_of_one_tenant_replays_nothing_at_another(mercedes_site: Site, bmw_site: Site) -> None:
    wanted = {"app_name": "CANoe"}
    answers = [
        site.ask("POST", "/api/v1/keys/generate", wanted, key=token_of(tenant_id), idempotency_key="the-same")
        for site, tenant_id in ((mercedes_site, cast.MERCEDES.id), (bmw_site, cast.BMW.id))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert "Idempotency-Replayed" not in answers[1].headers
    assert len({answer.json()["api_key"] for answer in answers}) == 2


def _state() -> list[object]:
    return [*License.objects.values(), *Lease.objects.values(), *ApiKey.objects.values(), AuditEntry.objects.count()]
