"""What lasts is told once for each cause; and alerts that end by themselves: quiet, revoked, without a cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import handling, looking
from keys import issuing
from keys.models import ApiKey
from licensing.models import License
from tenants.context import inside
from tests import builders
from tests.alerts.conftest import MERCEDES, NOON, THERE, SetClock, alerts, happened, look, told, watch


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


def test_a_budget_that_was_raised_and_is_nearly_used_up_again_is_another_alert(db: None, set_clock: SetClock) -> None:
    set_clock(NOON)
    month = NOON.date().replace(day=1)
    with inside(MERCEDES):
        builders.granted(monthly_budget=Decimal("1000"), spent=Decimal("900"), spent_month=month)
    look()
    with inside(MERCEDES):
        License.objects.update(monthly_budget=Decimal("1100"))
    set_clock(NOON + timedelta(minutes=2))
    look()
    assert [(alert.facts["budget"], alert.status) for alert in alerts()] == [
        ("1000.00", "resolved"),
        ("1100.00", "open"),
    ]


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


def test_many_keys_that_will_expire_are_not_asked_for_one_by_one(key: ApiKey, set_clock: SetClock) -> None:
    def questions(minutes: int) -> int:
        set_clock(NOON + timedelta(minutes=minutes))
        with CaptureQueriesContext(connection) as asked:
            look()
        return len(asked)

    with inside(MERCEDES):
        ApiKey.objects.update(expires_at=NOON + timedelta(days=3))
    questions(0)
    few = questions(2)
    with inside(MERCEDES):
        for number in range(20):
            builders.tenant_key(id=f"key-{number}")
        ApiKey.objects.update(expires_at=NOON + timedelta(days=3))
    questions(4)
    assert len(alerts(kind="key_expiring")) == 21
    assert questions(6) <= few
