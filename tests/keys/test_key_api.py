"""An administrator's keys over the API: made once, shown once, restricted, rotated, revoked; nobody else's business."""

from __future__ import annotations

import pytest

from accounts import tokens
from accounts.models import PersonalToken, Role
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit import tokens as texts
from keys import recognising
from keys.models import ApiKey
from tenants.context import inside
from tests import builders, sites
from tests.almost import mistyped

GENERATE = "/api/v1/keys/generate"
WANTED = {
    "app_name": "DaVinci Configurator Workstation 042",
    "app_type": "desktop",
    "scopes": ["license:checkout", "license:return"],
    "expires_in_days": 365,
    "metadata": {"hostname": "dev-ws-042.mercedes.com", "department": "Powertrain Engineering"},
}


def token_of(role: Role, tenant_id: str = "mercedes") -> str:
    with inside(tenant_id):
        user = builders.person(f"{role}@{tenant_id}.example", role=role)
        return tokens.issue(user, "test", actor=builders.actor())[1]


@pytest.fixture
def admin(db: None) -> str:
    return token_of(Role.LICENSE_ADMIN)


def test_a_key_is_shown_once_and_stored_as_a_digest(mercedes_site: sites.Site, admin: str) -> None:
    answer = mercedes_site.ask("POST", GENERATE, WANTED, key=admin)
    assert answer.status_code == 201
    made = answer.json()
    assert made["api_key"].startswith("clsk_mercedes_")
    assert made["integration_snippet"]["environment_variables"]["LICENSE_API_KEY"] == made["api_key"]
    listed = mercedes_site.ask("GET", "/api/v1/keys", key=admin).json()["data"]
    assert [key["key_id"] for key in listed] == [made["key_id"]]
    assert made["api_key"] not in str(listed)
    with inside("mercedes"):
        assert ApiKey.objects.get().secret_hash == texts.digests(made["api_key"])[0]
        assert AuditEntry.objects.filter(event="key.issued", subject_id=made["key_id"]).exists()


def test_a_repeated_request_makes_one_key(mercedes_site: sites.Site, admin: str) -> None:
    first, again = (mercedes_site.ask("POST", GENERATE, WANTED, key=admin, idempotency_key="k") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    other = mercedes_site.ask("POST", GENERATE, WANTED | {"app_name": "other"}, key=admin, idempotency_key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    with inside("mercedes"):
        assert ApiKey.objects.count() == 1


def test_restrictions_change_only_what_is_named(mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", GENERATE, WANTED | {"allowed_hostnames": ["a.mercedes.com"]}, key=admin).json()
    path = f"/api/v1/keys/{made['key_id']}/restrictions"
    changed = mercedes_site.ask("POST", path, {"allowed_ip_ranges": ["10.0.0.0/8", "2001:db8::/32"]}, key=admin).json()
    assert changed["allowed_ip_ranges"] == ["10.0.0.0/8", "2001:db8::/32"]
    assert changed["allowed_hostnames"] == ["a.mercedes.com"]
    wrong = mercedes_site.ask("POST", path, {"allowed_ip_ranges": ["10.0.0.0/99"]}, key=admin)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"].startswith("allowed_ip_ranges")


def test_after_a_rotation_both_keys_work_for_a_while(mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", GENERATE, WANTED, key=admin).json()
    fresh = mercedes_site.ask("POST", f"/api/v1/keys/{made['key_id']}/rotate", {}, key=admin).json()
    with inside("mercedes"):
        old, new = (recognising.find(text["api_key"], recognising.APPLICATION) for text in (made, fresh))
        assert old.scopes == new.scopes
        assert old.expires_at is not None
        assert new.expires_at is not None
        assert old.expires_at < new.expires_at


def test_revoking_twice_is_revoking_once(mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", GENERATE, WANTED, key=admin).json()
    first, again = (mercedes_site.ask("DELETE", f"/api/v1/keys/{made['key_id']}", key=admin) for _ in range(2))
    assert first.json()["revoked_at"] == again.json()["revoked_at"]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VIEWER])
def test_who_may_only_look_makes_no_key(mercedes_site: sites.Site, db: None, role: Role) -> None:
    answer = mercedes_site.ask("POST", GENERATE, WANTED, key=token_of(role))
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")
    with inside("mercedes"):
        assert not ApiKey.objects.exists()


def test_another_tenants_key_is_not_there(bmw_site: sites.Site, mercedes_site: sites.Site, admin: str) -> None:
    made = mercedes_site.ask("POST", GENERATE, WANTED, key=admin).json()
    answer = bmw_site.ask("DELETE", f"/api/v1/keys/{made['key_id']}", key=token_of(Role.OWNER, "bmw"))
    assert answer.status_code == 404
    assert bmw_site.ask("GET", "/api/v1/keys", key=admin).status_code == 401
    with inside("mercedes"):
        assert ApiKey.objects.get().revoked_at is None


def test_an_application_makes_no_keys(mercedes_site: sites.Site, db: None) -> None:
    with inside("mercedes"):
        key = builders.tenant_key()
    answer = mercedes_site.ask("POST", GENERATE, WANTED, key=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_token_that_is_refused_is_audited_without_its_secret(mercedes_site: sites.Site, admin: str) -> None:
    with inside("mercedes"):
        PersonalToken.objects.update(revoked_at=clock.now())
    for token, code in ((admin, "token_revoked"), (mistyped(admin), "token_invalid")):
        assert mercedes_site.ask("GET", "/api/v1/keys", key=token).json()["code"] == code
        with inside("mercedes"):
            entry = AuditEntry.objects.get(event="token.refused", code=code)
        assert (entry.result, entry.actor_kind, entry.ip) == ("refused", "token", "127.0.0.1")
        assert token not in str(vars(entry))
