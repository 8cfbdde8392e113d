"""What is told of what happened: each sort of it, once, and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Role
from alerts import handling, rules
from alerts.models import Alert
from cloudlicenses.kit import clock
from keys import issuing
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import HERE, MERCEDES, THERE, SetClock, alerts, entries, happened, look, told


@pytest.mark.parametrize(
    ("code", "kind", "severity"),
    [
        ("ip_not_allowed", "unknown_address", "medium"),
        ("hostname_not_allowed", "unknown_hostname", "medium"),
        ("client_certificate_required", "certificate_refused", "high"),
        ("client_certificate_rejected", "certificate_refused", "high"),
        ("fingerprint_blocked", "unknown_fingerprint", "high"),
        ("signature_invalid", "signature_refused", "high"),
        ("wrong_tenant", "cross_tenant", "critical"),
        ("rate_limited", "unusual_rate", "medium"),
    ],
)
def test_a_refusal_of_a_key_is_told_at_once(key: ApiKey, code: str, kind: str, severity: str) -> None:
    happened("key.refused", code=code, key_id=key.id, ip=THERE, hostname="laptop.mallory.example")
    look()
    [alert] = alerts()
    assert (alert.kind, alert.severity, alert.status) == (kind, severity, "open")
    assert (alert.subject_kind, alert.subject_id, alert.subject_name) == ("key", key.id, "Workstation 042")
    assert alert.facts["ip"] == THERE
    assert "alert.raised" in entries()


def test_what_happens_again_is_counted_on_the_open_alert(key: ApiKey) -> None:
    for _ in range(3):
        happened("key.refused", code="ip_not_allowed", key_id=key.id, ip=THERE, times=2)
        look()
    assert told() == [("unknown_address", key.id, 6)]
    assert entries().count("alert.raised") == 1


def test_an_alert_that_was_resolved_is_raised_anew(key: ApiKey) -> None:
    happened("key.refused", code="ip_not_allowed", key_id=key.id, ip=THERE)
    look()
    with inside(MERCEDES):
        handling.resolve(alerts()[0].id, actor=builders.actor())
    look()
    assert len(alerts()) == 1
    happened("key.refused", code="ip_not_allowed", key_id=key.id, ip=THERE)
    look()
    assert [alert.status for alert in alerts()] == ["resolved", "open"]


def test_a_key_of_nobody_is_the_addresss_doing(db: None) -> None:
    happened("key.refused", code="wrong_tenant", ip=THERE)
    look()
    assert told() == [("cross_tenant", THERE, 1)]


def test_whoever_comes_from_all_of_an_ipv6_network_raises_one_alert(db: None) -> None:
    for number in range(3):
        happened("key.refused", code="wrong_tenant", ip=f"2001:db8:1:2::{number}")
    look()
    assert told() == [("cross_tenant", "2001:db8:1:2::/64", 3)]


def test_a_fingerprint_that_is_not_known(key: ApiKey) -> None:
    happened("fingerprint.unknown", key_id=key.id, ip=HERE, fingerprint="sha256:abc")
    look()
    [alert] = alerts()
    assert (alert.kind, alert.facts["fingerprint"]) == ("unknown_fingerprint", "sha256:abc")


def test_a_key_that_was_reported_is_told_of_though_it_is_revoked(key: ApiKey, set_clock: SetClock) -> None:
    with inside(MERCEDES):
        issuing.revoke(builders.actor(), key.id)
    happened("key.leaked", actor_kind="anonymous", ip=THERE, subject_kind="key", subject_id=key.id)
    look()
    set_clock(clock.now() + timedelta(minutes=2))
    look()
    assert [(alert.kind, alert.subject_id, alert.status) for alert in alerts()] == [("leaked_key", key.id, "open")]


@pytest.mark.parametrize(
    ("event", "facts", "is_told"),
    [
        ("user.invited", {"role": "owner"}, True),
        ("user.invited", {"role": "license_admin"}, True),
        ("user.invited", {"role": "viewer"}, False),
        ("user.role_changed", {"before": "viewer", "after": "owner"}, True),
        ("user.role_changed", {"before": "license_admin", "after": "owner"}, False),
        ("user.role_changed", {"before": "owner", "after": "viewer"}, False),
    ],
)
def test_a_new_administrator(db: None, event: str, facts: dict[str, str], is_told: bool) -> None:
    with inside(MERCEDES):
        bob = builders.person("bob@mercedes-benz.com", role=Role.VIEWER)
    happened(event, actor_kind="user", actor_label="anna@mercedes-benz.com", subject_id=str(bob.pk), facts=facts)
    look()
    assert [(alert.kind, alert.subject_name, alert.facts["by"]) for alert in alerts()] == (
        [("new_admin", bob.email, "anna@mercedes-benz.com")] if is_told else []
    )


def test_the_first_administrator_of_all_is_no_news(db: None) -> None:
    happened("user.invited", actor_kind="system", subject_id="1", facts={"role": "owner"})
    look()
    assert alerts() == []


def test_a_rule_that_is_off_tells_nothing(key: ApiKey) -> None:
    with inside(MERCEDES):
        rules.change("unknown_address", {"is_on": False}, actor=builders.actor())
    happened("key.refused", code="ip_not_allowed", key_id=key.id, ip=THERE)
    look()
    assert alerts() == []


def test_severity_and_thresholds_are_the_tenants_choice(key: ApiKey) -> None:
    with inside(MERCEDES):
        changes = {"severity": "critical", "thresholds": {"refusals": 2}}
        rules.change("repeated_refusals", changes, actor=builders.actor())
    happened("key.refused", code="scope_missing", key_id=key.id, ip=HERE, times=2)
    look()
    assert [(alert.kind, alert.severity) for alert in alerts()] == [("repeated_refusals", "critical")]


def test_nothing_of_a_tenant_is_told_to_another(key: ApiKey) -> None:
    happened("key.refused", code="wrong_tenant", key_id=key.id, ip=THERE)
    look()
    with inside("bmw"):
        assert not Alert.objects.exists()
