"""Where, how often and when a key is used: what is usual is learned, and only what differs is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alerts import calendars, rules
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import HERE, MERCEDES, NOON, THERE, SetClock, alerts, happened, look, told

CHECKED_OUT = "license.checked_out"


@pytest.fixture(autouse=True)
def _noon(set_clock: SetClock) -> None:
    """Time stands: what is counted by minutes and windows of them must not pass into the next one."""
    set_clock(NOON)


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
