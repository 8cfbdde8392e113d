"""What is told of what happened: each sort of it, once, and counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import Role
from alerts import calendars, handling, looking, rules
from alerts.models import Alert
from cloudlicenses.kit import clock
from keys import issuing
from keys.models import ApiKey
from licensing.models import License
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import HERE, MERCEDES, NOON, THERE, SetClock, alerts, entries, happened, look, watch

CHECKED_OUT = "license.checked_out"


def told() -> list[tuple[str, str, int]]:
    return [(alert.kind, alert.subject_id, alert.count) for alert in alerts()]


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


def test_a_new_place_is_told_once_the_usual_ones_are_known(key: ApiKey) -> None:
    long_ago = clock.now() - timedelta(days=30)
    for place in (HERE, "10.0.1.43"):
        happened(CHECKED_OUT, key_id=key.id, ip=place, hostname="dev-ws-042", at=long_ago)
    look()
    assert alerts() == []
    happened(CHECKED_OUT, key_id=key.id, ip=THERE, hostname="dev-ws-042")
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, hostname="Other-Host")
    look()
    assert told() == [("unknown_address", key.id, 1), ("unknown_hostname", key.id, 1)]
    happened(CHECKED_OUT, key_id=key.id, ip=THERE, hostname="other-host")
    look()
    assert [alert.count for alert in alerts()] == [1, 1], "both are familiar now"


def test_while_a_key_is_new_its_places_are_only_learned(key: ApiKey) -> None:
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=clock.now() - timedelta(days=6))
    look()
    happened(CHECKED_OUT, key_id=key.id, ip=THERE)
    look()
    assert alerts() == []


def test_within_what_a_key_is_bound_to_nothing_is_new(key: ApiKey) -> None:
    with inside(MERCEDES):
        ApiKey.objects.update(allowed_ip_ranges=["10.0.0.0/8"])
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=clock.now() - timedelta(days=30))
    look()
    happened(CHECKED_OUT, key_id=key.id, ip="10.9.9.9")
    look()
    assert alerts() == []


def test_of_ipv6_the_network_counts(key: ApiKey) -> None:
    happened(CHECKED_OUT, key_id=key.id, ip="2001:db8:1:2::a", at=clock.now() - timedelta(days=30))
    look()
    happened(CHECKED_OUT, key_id=key.id, ip="2001:db8:1:2:dead:beef:0:1")
    look()
    assert alerts() == []
    happened(CHECKED_OUT, key_id=key.id, ip="2001:db8:1:3::a")
    look()
    assert told() == [("unknown_address", key.id, 1)]


def test_many_addresses_in_a_short_time(key: ApiKey) -> None:
    start = clock.now() - timedelta(minutes=30)
    for number in range(4):
        happened(CHECKED_OUT, key_id=key.id, ip=f"10.0.0.{number}", at=start)
    look()
    assert alerts() == []
    happened(CHECKED_OUT, key_id=key.id, ip="10.0.0.9", at=start + timedelta(minutes=15))
    look()
    assert alerts() == [], "the first four are too long ago"
    for number in range(4):
        happened(CHECKED_OUT, key_id=key.id, ip=f"10.0.1.{number}", at=start + timedelta(minutes=16))
    look()
    assert [(alert.kind, alert.facts["number"]) for alert in alerts()] == [("many_addresses", 5)]


def test_a_key_that_many_share_is_used_from_as_many_addresses_as_ever(key: ApiKey) -> None:
    with inside(MERCEDES):
        rules.change("many_addresses", {"is_on": False}, actor=builders.actor())
    start = clock.now() - timedelta(hours=20)
    for window in range(13):
        for number in range(8):
            happened(CHECKED_OUT, key_id=key.id, ip=f"10.0.0.{number}", at=start + timedelta(hours=window))
        look()
    with inside(MERCEDES):
        rules.change("many_addresses", {"is_on": True}, actor=builders.actor())
    for number in range(9):
        happened(CHECKED_OUT, key_id=key.id, ip=f"10.0.0.{number}")
    look()
    assert alerts(kind="many_addresses") == []


def test_a_rate_that_is_unusual_for_the_key(key: ApiKey) -> None:
    start = clock.now() - timedelta(hours=20)
    for window in range(13):
        happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=start + timedelta(hours=window), times=4)
        look()
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, times=29)
    look()
    assert alerts() == [], "below what is worth a word"
    happened(CHECKED_OUT, key_id=key.id, ip=HERE)
    look()
    [alert] = alerts()
    assert (alert.kind, alert.facts["number"], alert.facts["usual"]) == ("unusual_rate", 30, 4)


def test_a_busy_key_may_be_busy(key: ApiKey) -> None:
    start = clock.now() - timedelta(hours=20)
    for window in range(13):
        happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=start + timedelta(hours=window), times=20)
        look()
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, times=60)
    look()
    assert alerts() == []


def test_refused_again_and_again(key: ApiKey) -> None:
    happened("key.refused", code="scope_missing", key_id=key.id, ip=HERE, times=9)
    look()
    assert alerts() == []
    happened("key.refused", code="scope_missing", key_id=key.id, ip=HERE)
    look()
    assert [(alert.kind, alert.facts["number"]) for alert in alerts()] == [("repeated_refusals", 10)]


def test_a_product_of_which_nobody_gets_a_seat(db: None) -> None:
    happened("license.denied", code="max_overage_exceeded", subject_kind="product", subject_id="davinci", times=10)
    look()
    assert told() == [("seats_denied", "davinci", 1)]


def test_outside_business_hours(key: ApiKey, set_clock: SetClock) -> None:
    set_clock(NOON)
    with inside(MERCEDES):
        rules.change("outside_hours", {"is_on": True}, actor=builders.actor())
        hours = calendars.BusinessHours(
            "Europe/Berlin", holidays=(calendars.Holiday(datetime(2026, 11, 18).date(), "Day of Prayer"),)
        )
        calendars.set_hours(hours, actor=builders.actor())
    thursday = NOON + timedelta(days=1)
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=thursday)
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=thursday.replace(hour=18, minute=59))  # 19:59 in Berlin
    look()
    assert alerts() == []
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=NOON)  # a holiday
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=thursday.replace(hour=19))  # 20:00 in Berlin
    look()
    [alert] = alerts()
    assert (alert.kind, alert.count, alert.facts["local_time"]) == ("outside_hours", 2, "2026-11-19 20:00")


def test_servers_work_at_night(key: ApiKey) -> None:
    with inside(MERCEDES):
        rules.change("outside_hours", {"is_on": True}, actor=builders.actor())
        ApiKey.objects.update(app_type="ci_cd")
    happened(CHECKED_OUT, key_id=key.id, ip=HERE, at=NOON.replace(hour=3))
    look()
    assert alerts() == []


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


def test_a_key_that_will_expire_is_told_when_time_has_come_and_over_when_it_is_rotated(
    key: ApiKey, set_clock: SetClock
) -> None:
    set_clock(NOON)
    with inside(MERCEDES):
        ApiKey.objects.update(expires_at=NOON + timedelta(days=20))
    look()
    assert alerts() == []
    assert watch().look_at == NOON + timedelta(days=6), "nobody has to ask before"
    set_clock(NOON + timedelta(days=6))
    looking.look_due()
    [alert] = alerts()
    assert (alert.kind, alert.subject_id) == ("key_expiring", key.id)
    with inside(MERCEDES):
        handling.resolve(alert.id, actor=builders.actor())
    set_clock(NOON + timedelta(days=7))
    look()
    assert len(alerts()) == 1, "the same end of the same key is told once"


def test_what_lost_its_cause_resolves_by_itself(key: ApiKey, set_clock: SetClock) -> None:
    set_clock(NOON)
    with inside(MERCEDES):
        ApiKey.objects.update(expires_at=NOON + timedelta(days=3))
    look()
    with inside(MERCEDES):
        issuing.rotate(builders.actor(), key.id)
    set_clock(NOON + timedelta(minutes=2))
    look()
    [alert] = alerts()
    assert (alert.status, alert.resolved_by, alert.facts["why"]) == ("resolved", "", "cause_gone")


def test_a_budget_that_is_nearly_used_up(db: None, set_clock: SetClock) -> None:
    set_clock(NOON)
    month = NOON.date().replace(day=1)
    with inside(MERCEDES):
        builders.granted(monthly_budget=Decimal("1000"), spent=Decimal("799.99"), spent_month=month)
    look()
    assert alerts() == []
    with inside(MERCEDES):
        License.objects.update(spent=Decimal("800"))
    set_clock(NOON + timedelta(minutes=2))
    look()
    look()
    assert told() == [("budget", "lic-1", 1)]
    set_clock(datetime(2026, 12, 1, tzinfo=UTC))
    look()
    assert [alert.status for alert in alerts()] == ["resolved"]


def test_what_was_quiet_for_long_enough_resolves_by_itself(key: ApiKey, set_clock: SetClock) -> None:
    set_clock(NOON)
    happened("key.refused", code="hostname_not_allowed", key_id=key.id, ip=THERE)
    look()
    assert watch().look_at == NOON + timedelta(hours=24)
    set_clock(NOON + timedelta(hours=24))
    looking.look_due()
    assert [(alert.status, alert.facts["why"]) for alert in alerts()] == [("resolved", "quiet")]


def test_a_revoked_key_ends_its_alerts(key: ApiKey, set_clock: SetClock) -> None:
    set_clock(NOON)
    happened("key.refused", code="wrong_tenant", key_id=key.id, ip=THERE)
    look()
    with inside(MERCEDES):
        issuing.revoke(builders.actor(), key.id)
    set_clock(NOON + timedelta(minutes=2))
    look()
    assert [(alert.status, alert.facts["why"]) for alert in alerts()] == [("resolved", "key_revoked")]


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
