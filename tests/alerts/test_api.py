"""Alerts over HTTP: whoever may, and nobody else; each exchange is held against the OpenAPI."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import tokens
from accounts.models import Role
from alerts import looking
from audit.models import AuditEntry
from keys.models import ApiKey
from tenants.context import inside
from tests import builders, sites
from tests.alerts.conftest import MERCEDES, THERE, alerts, happened, look

ALERTS, RULES, CHANNELS, HOURS = (
    f"/api/v1/{name}" for name in ("alerts", "alert-rules", "alert-channels", "business-hours")
)
MAIL = {"kind": "email", "name": "Security", "target": {"to": ["security@mercedes-benz.com"]}}


def token_of(role: Role) -> str:
    with inside(MERCEDES):
        return tokens.issue(builders.person(f"{role}@x.example", role=role), name="test", actor=builders.actor())[1]


@pytest.fixture
def token(db: None) -> str:
    return token_of(Role.LICENSE_ADMIN)


def raise_one(key: ApiKey, code: str = "ip_not_allowed") -> str:
    happened("key.refused", code=code, key_id=key.id, ip=THERE)
    look()
    return alerts()[-1].id


def test_alerts_are_listed_and_found(key: ApiKey, token: str, mercedes_site: sites.Site) -> None:
    first, second = raise_one(key), raise_one(key, "wrong_tenant")
    page = mercedes_site.ask("GET", f"{ALERTS}?limit=1", key=token).json()
    assert [row["id"] for row in page["data"]] == [second]
    page = mercedes_site.ask("GET", f"{ALERTS}?limit=1&cursor={page['next_cursor']}", key=token).json()
    assert [row["id"] for row in page["data"]] == [first]
    for query, count in (
        ("kind=cross_tenant", 1),
        ("severity=low", 0),
        ("status=unresolved", 2),
        ("about=Workstation", 2),
    ):
        assert len(mercedes_site.ask("GET", f"{ALERTS}?{query}", key=token).json()["data"]) == count
    assert mercedes_site.ask("GET", f"{ALERTS}?status=strange", key=token).status_code == 422
    one = mercedes_site.ask("GET", f"{ALERTS}/{first}", key=token).json()
    assert one["summary"].startswith("The key “Workstation 042” was tried from 203.0.113.9")
    assert mercedes_site.ask("GET", f"{ALERTS}/alert-nobodys", key=token).status_code == 404


def test_acknowledging_and_resolving(key: ApiKey, token: str, mercedes_site: sites.Site) -> None:
    alert = raise_one(key)
    first = mercedes_site.ask("POST", f"{ALERTS}/{alert}/acknowledge", {"note": "on it"}, key=token).json()
    assert (first["status"], first["note"], first["acknowledged_by"]) == (
        "acknowledged",
        "on it",
        "license_admin@x.example",
    )
    assert mercedes_site.ask("POST", f"{ALERTS}/{alert}/acknowledge", {}, key=token).json() == first
    assert mercedes_site.ask("POST", f"{ALERTS}/{alert}/resolve", {}, key=token).json()["status"] == "resolved"
    assert mercedes_site.ask("POST", f"{ALERTS}/{alert}/resolve", {}, key=token).status_code == 200
    late = mercedes_site.ask("POST", f"{ALERTS}/{alert}/acknowledge", {}, key=token)
    assert (late.status_code, late.json()["code"]) == (409, "alert_resolved")
    with inside(MERCEDES):
        events = AuditEntry.objects.filter(subject_id=alert).order_by("id").values_list("event", flat=True)
        assert list(events) == ["alert.raised", "alert.acknowledged", "alert.resolved"]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VIEWER])
def test_not_everybody_sees_alerts(db: None, mercedes_site: sites.Site, role: Role) -> None:
    other = token_of(role)
    for method, path in (
        ("GET", ALERTS),
        ("GET", CHANNELS),
        ("GET", RULES),
        ("GET", HOURS),
        ("POST", f"{ALERTS}/x/resolve"),
    ):
        answer = mercedes_site.ask(method, path, {} if method == "POST" else None, key=other)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


def test_nothing_of_another_tenant(key: ApiKey, bmw_site: sites.Site) -> None:
    alert = raise_one(key)
    with inside("bmw"):
        other = tokens.issue(builders.person("b@bmw.de"), name="test", actor=builders.actor())[1]
    assert bmw_site.ask("GET", f"{ALERTS}/{alert}", key=other).status_code == 404
    assert bmw_site.ask("GET", ALERTS, key=other).json()["data"] == []


def test_rules(token: str, mercedes_site: sites.Site) -> None:
    known = mercedes_site.ask("GET", RULES, key=token).json()["data"]
    assert len(known) == 18
    change = {"severity": "high", "thresholds": {"percent": 50}, "quiet_from": "20:00", "quiet_until": "07:00"}
    changed = mercedes_site.ask("PATCH", f"{RULES}/budget", change, key=token).json()
    assert (changed["severity"], changed["thresholds"][0]["value"], changed["quiet_from"]) == ("high", 50, "20:00")
    changed = mercedes_site.ask("PATCH", f"{RULES}/budget", {"quiet_from": None, "quiet_until": None}, key=token).json()
    assert (changed["severity"], changed["quiet_from"]) == ("high", None)
    assert mercedes_site.ask("PATCH", f"{RULES}/nothing", {}, key=token).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"severity": "enormous"}, "severity"),
        ({"thresholds": {"percent": 0}}, "thresholds.percent"),
        ({"thresholds": {"days": 5}}, "thresholds.days"),
        ({"quiet_from": "20:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ({"is_on": 1}, "is_on"),
    ],
)
def test_a_rule_that_makes_no_sense(token: str, mercedes_site: sites.Site, change: dict[str, Any], field: str) -> None:
    answer = mercedes_site.ask("PATCH", f"{RULES}/budget", change, key=token)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_channels(token: str, mercedes_site: sites.Site) -> None:
    made = mercedes_site.ask("POST", CHANNELS, MAIL, key=token, idempotency_key="once")
    again = mercedes_site.ask("POST", CHANNELS, MAIL, key=token, idempotency_key="once")
    assert (made.status_code, again.json()) == (201, made.json())
    path = f"{CHANNELS}/{made.json()['id']}"
    assert mercedes_site.ask("GET", CHANNELS, key=token).json()["data"] == [
        mercedes_site.ask("GET", path, key=token).json()
    ]
    changed = mercedes_site.ask("PATCH", path, {"is_active": False, "kinds": ["budget"]}, key=token).json()
    assert (changed["is_active"], changed["kinds"], changed["name"]) == (False, ["budget"], "Security")
    assert mercedes_site.ask("POST", f"{path}/test", key=token).status_code == 202
    [sent] = mercedes_site.ask("GET", f"{path}/deliveries", key=token).json()["data"]
    assert (sent["event"], sent["status"], sent["alert_id"]) == ("alert.test", "pending", None)
    assert mercedes_site.ask("POST", f"{path}/rotate-secret", key=token).status_code == 404
    assert mercedes_site.ask("DELETE", path, key=token).status_code == 204
    assert mercedes_site.ask("GET", path, key=token).status_code == 404


def test_a_webhooks_secret_is_told_once(token: str, mercedes_site: sites.Site) -> None:
    hook = {"kind": "webhook", "name": "SIEM", "target": {"url": "https://siem.mercedes-benz.com/alerts"}}
    made = mercedes_site.ask("POST", CHANNELS, hook, key=token).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in mercedes_site.ask("GET", f"{CHANNELS}/{made['id']}", key=token).json()
    rotated = mercedes_site.ask("POST", f"{CHANNELS}/{made['id']}/rotate-secret", key=token).json()
    assert rotated["secret"] not in ("", made["secret"])


def test_business_hours(token: str, mercedes_site: sites.Site) -> None:
    usual = mercedes_site.ask("GET", HOURS, key=token).json()
    assert (usual["zone"], usual["hours"][0], usual["hours"][6]) == ("UTC", ["07:00", "20:00"], None)
    wanted = {**usual, "zone": "Europe/Berlin", "holidays": [{"day": "2026-12-25", "name": "Weihnachten"}]}
    assert mercedes_site.ask("PUT", HOURS, wanted, key=token).json() == wanted
    for change in ({"zone": "Mars/Base"}, {"hours": usual["hours"][:6]}, {"hours": [["20:00", "07:00"]] * 7}):
        assert mercedes_site.ask("PUT", HOURS, {**wanted, **change}, key=token).status_code == 422
    assert mercedes_site.ask("GET", HOURS, key=token).json() == wanted
    looking.look_due()
