"""May a feature be used, which features are there, and how much are they used: over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts import tokens
from accounts.models import Role
from cloudlicenses.kit import clock
from licensing.models import License, UsageEvent
from tenants.context import inside
from tests import builders, cast, sites

MERCEDES = cast.MERCEDES.id
VALIDATE, FEATURES, TRACK = "/api/v1/validate/feature", "/api/v1/features", "/api/v1/usage/track"


@pytest.fixture
def key(db: None) -> str:
    with inside(MERCEDES):
        builders.granted("lic-davinci", features=["can_editor", "flexray"], version_constraint=">=8.0")
        builders.granted("lic-multi", product=cast.MULTI, features=["debugger", "flexray"])
        return builders.tenant_key()


def changed(license_id: str, **terms: Any) -> None:
    with inside(MERCEDES):
        License.objects.filter(pk=license_id).update(**terms)


def judged(site: sites.Site, key: str, **asked: Any) -> Any:
    answer = site.ask("POST", VALIDATE, asked, key=key)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_licensed_feature_is_valid_and_names_its_license(mercedes_site: sites.Site, key: str):
    verdict = judged(mercedes_site, key, feature="can_editor", product_id=cast.DAVINCI.id, context={"host": "ws-1"})
    assert verdict["valid"] is True
    assert verdict["violations"] == []
    assert verdict["license"]["license_id"] == "lic-davinci"
    assert verdict["license"]["available"] == 10


@pytest.mark.parametrize(
    ("asked", "violations"),
    [
        ({"feature": "debugger", "product_id": cast.DAVINCI.id}, ["feature_not_licensed"]),
        ({"feature": "can_editor", "product_id": "unheard-of"}, ["product_not_licensed"]),
        ({"feature": "can_editor", "version": "7.4"}, ["version_not_licensed"]),
        ({"feature": "can_editor", "context": {"version": "7.4"}}, ["version_not_licensed"]),
        ({"feature": "can_editor", "version": "8.2.1"}, []),
    ],
)
def test_a_no_is_an_answer_with_its_reasons(
    mercedes_site: sites.Site, key: str, asked: dict[str, Any], violations: list[str]
):
    verdict = judged(mercedes_site, key, **asked)
    assert verdict["violations"] == violations
    assert verdict["valid"] is (not violations)


def test_every_reason_is_given_and_the_license_nearest_to_a_yes_speaks(mercedes_site: sites.Site, key: str):
    changed("lic-davinci", status=License.Status.SUSPENDED, ends_at=clock.now() - timedelta(days=1))
    assert judged(mercedes_site, key, feature="can_editor")["violations"] == ["license_expired", "license_suspended"]
    nearest = judged(mercedes_site, key, feature="flexray")
    assert (nearest["valid"], nearest["license"]["license_id"]) == (True, "lic-multi")
    changed("lic-davinci", status=License.Status.REVOKED)
    assert judged(mercedes_site, key, feature="can_editor")["violations"] == ["feature_not_licensed"]


def test_features_are_listed_once_a_page_at_a_time(mercedes_site: sites.Site, key: str):
    changed("lic-davinci", status=License.Status.SUSPENDED)
    first = mercedes_site.ask("GET", f"{FEATURES}?limit=2", key=key).json()
    rest = mercedes_site.ask("GET", f"{FEATURES}?limit=2&cursor={first['next_cursor']}", key=key).json()
    rows = [*first["data"], *rest["data"]]
    assert [row["feature"] for row in rows] == ["can_editor", "debugger", "flexray"]
    assert [row["valid"] for row in rows] == [False, True, True]
    assert rows[0]["violations"] == ["license_suspended"]
    assert rows[2]["products"] == [cast.DAVINCI.id, cast.MULTI.id]
    assert rest["next_cursor"] is None
    only = mercedes_site.ask("GET", f"{FEATURES}?product_id={cast.MULTI.id}", key=key).json()["data"]
    assert [row["feature"] for row in only] == ["debugger", "flexray"]


def test_a_use_is_written_down_once(mercedes_site: sites.Site, key: str):
    body = {"feature": "can_editor", "action": "open", "quantity": 3, "metadata": {"file": "bus.arxml"}}
    first = mercedes_site.ask("POST", TRACK, body, key=key, idempotency_key="use-1")
    again = mercedes_site.ask("POST", TRACK, body, key=key, idempotency_key="use-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (first.json()["license_id"], first.json()["quantity"]) == ("lic-davinci", 3)
    with inside(MERCEDES):
        event = UsageEvent.objects.get()
    assert (event.action, event.metadata, event.key_id != "") == ("open", {"file": "bus.arxml"}, True)
    other = mercedes_site.ask("POST", TRACK, {**body, "quantity": 4}, key=key, idempotency_key="use-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"feature": "teleport"}, 409, "feature_not_licensed"),
        ({"feature": "can_editor", "product_id": "unheard-of"}, 404, "product_not_licensed"),
        ({"feature": "can_editor", "license_id": "lic-multi"}, 409, "feature_not_licensed"),
        ({"feature": "can_editor", "timestamp": "2020-01-01T00:00:00Z"}, 422, "invalid_input"),
        ({"feature": "can_editor", "timestamp": "2026-02-30T00:00:00Z"}, 422, "invalid_input"),
        ({"feature": "can_editor", "quantity": 0}, 422, "invalid_input"),
        ({"feature": "can_editor", "quantity": "3"}, 422, "invalid_input"),
        ({}, 422, "invalid_input"),
    ],
)
def test_what_can_not_be_written_down_is_refused(
    mercedes_site: sites.Site, key: str, body: dict[str, Any], status: int, code: str
):
    answer = mercedes_site.ask("POST", TRACK, body, key=key)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with inside(MERCEDES):
        assert not UsageEvent.objects.exists()


def test_use_of_an_ended_contract_is_a_fact_all_the_same(mercedes_site: sites.Site, key: str):
    changed("lic-davinci", ends_at=clock.now() - timedelta(hours=1))
    assert mercedes_site.ask("POST", TRACK, {"feature": "can_editor"}, key=key).status_code == 201


def test_a_key_reports_for_its_own_products_only_and_needs_the_scope(mercedes_site: sites.Site, key: str):
    with inside(MERCEDES):
        bound = builders.tenant_key(allowed_products=[cast.MULTI.id])
        reader = builders.tenant_key(scopes=("license:read",))
    refused = mercedes_site.ask("POST", TRACK, {"feature": "can_editor"}, key=bound)
    assert (refused.status_code, refused.json()["code"]) == (403, "product_not_allowed")
    assert mercedes_site.ask("POST", TRACK, {"feature": "debugger"}, key=bound).status_code == 201
    assert mercedes_site.ask("POST", TRACK, {"feature": "debugger"}, key=reader).status_code == 403


def test_people_ask_with_their_own_token(mercedes_site: sites.Site, key: str):
    with inside(MERCEDES):
        viewer = builders.person(role=Role.VIEWER)
        text = tokens.issue(viewer, "laptop", actor=builders.actor())[1]
    assert judged(mercedes_site, text, feature="can_editor")["valid"] is True
    assert mercedes_site.ask("POST", TRACK, {"feature": "can_editor"}, key=text).status_code == 403
