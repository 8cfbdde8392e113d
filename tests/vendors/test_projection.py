"""What vendors see of usage: numbers by license and hour, out of the tenants' schemas, and nothing of persons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from cloudlicenses.kit import clock
from insight import hours
from licensing.models import Denial, Lease, License
from tenants import context
from tenants.models import SweepDue, Tenant
from tests import builders, cast
from vendors import projection
from vendors.models import TenantHour, UsageHour, UsageWatermark

NOW = datetime(2026, 10, 5, 12, 30, tzinfo=UTC)
FACTS = ("hour", "in_use", "peak", "peak_overage", "seat_seconds", "checkouts", "overage_checkouts", "denials")


@pytest.fixture(autouse=True)
def _a_license_at_half_past_twelve(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-05T{text}+00:00")


def leased(number: int, begin: str, end: str = "", *, seat: str = "commit", lapses: str = "13:00") -> None:
    with context.inside(cast.MERCEDES.id):
        builders.leased(
            License.objects.get(pk="lic-1"), f"lease-{number}", lease_type=seat, issued_at=at(begin), expires_at=at(end or lapses),
            ended_at=at(end) if end else None,
        )  # fmt: skip


def denied(moment: str, code: str, license_id: str = "lic-1") -> None:
    with context.inside(cast.MERCEDES.id):
        Denial.objects.create(
            product_id=cast.DAVINCI.id, license_id=license_id, code=code, user="anna", key_id="key-1", at=at(moment)
        )


def seen(vendor_id: str = cast.VECTOR.id) -> list[tuple[Any, ...]]:
    with context.acting_for(vendor_id):
        found = UsageHour.objects.order_by("hour").values_list(*FACTS)
        return [(f"{hour:%H:%M}", *rest) for hour, *rest in found]


def test_seats_are_counted_in_each_hour_they_are_held() -> None:
    leased(1, "09:15", "11:10")
    leased(2, "10:00", "10:20", seat="overage")
    leased(3, "10:20", "10:50", seat="overage")  # takes the seat that has just come back: never three at once
    projection.project(cast.MERCEDES.id)
    assert seen() == [
        ("09:00", 1, 1, 0, 45 * 60, 1, 0, 0),
        ("10:00", 1, 2, 1, 60 * 60 + 50 * 60, 2, 2, 0),
        ("11:00", 0, 1, 0, 10 * 60, 0, 0, 0),
    ]


def test_a_seat_in_use_counts_until_now_and_a_lapsed_one_until_it_lapsed() -> None:
    leased(1, "12:00", lapses="12:45")
    leased(2, "12:00", lapses="12:20")
    projection.project(cast.MERCEDES.id)
    assert seen() == [("12:00", 1, 2, 0, 50 * 60, 2, 0, 0)]


def test_refusals_are_counted_and_those_for_want_of_seats_apart() -> None:
    denied("11:00", "max_overage_exceeded")
    denied("11:59", "customer_cap_reached")
    denied("11:30", "product_not_licensed", license_id="")  # no vendor's
    projection.project(cast.MERCEDES.id)
    row = UsageHour.objects.get()
    assert (row.hour, row.denials, row.seat_denials, row.peak) == (at("11:00"), 2, 1, 0)


def test_projecting_again_changes_nothing_and_what_came_since_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    leased(1, "12:10", "12:25")
    projection.project(cast.MERCEDES.id)
    before = seen()
    projection.project(cast.MERCEDES.id)
    assert seen() == before == [("12:00", 0, 1, 0, 900, 1, 0, 0)]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    leased(2, "12:20", "13:05")  # committed after the first look
    projection.project(cast.MERCEDES.id)
    assert seen() == [("12:00", 1, 2, 0, 900 + 2400, 2, 0, 0), ("13:00", 0, 1, 0, 300, 0, 0, 0)]


def test_what_was_counted_stays_when_the_tenant_forgets_it() -> None:
    leased(1, "12:10", "12:25")
    projection.project(cast.MERCEDES.id)
    with context.inside(cast.MERCEDES.id):
        Lease.objects.all().delete()
    projection.project(cast.MERCEDES.id)
    assert seen() == [("12:00", 0, 1, 0, 900, 1, 0, 0)]


def test_months_of_history_are_caught_up_with_at_once() -> None:
    with context.inside(cast.MERCEDES.id):
        long_ago = NOW - timedelta(days=100)
        an_hour_later = long_ago + timedelta(hours=1)
        builders.leased(License.objects.get(), issued_at=long_ago, expires_at=an_hour_later, ended_at=an_hour_later)
    leased(2, "12:10", "12:25")
    projection.project(cast.MERCEDES.id)
    assert UsageHour.objects.count() == 3
    assert UsageWatermark.objects.get().until == NOW - projection.SETTLES


def of_the_tenant(tenant_id: str = cast.MERCEDES.id) -> list[tuple[Any, ...]]:
    with context.inside(tenant_id):
        found = TenantHour.objects.order_by("hour").values_list("hour", *hours.SUMMED)
        return [(f"{hour:%H:%M}", *rest) for hour, *rest in found]


def test_a_tenants_hour_is_the_sum_of_its_licenses(monkeypatch: pytest.MonkeyPatch) -> None:
    with context.inside(cast.MERCEDES.id):
        other = builders.granted("lic-2", product=cast.MULTI)
        builders.leased(other, "lease-9", issued_at=at("11:30"), expires_at=at("12:10"), ended_at=at("12:10"))
    leased(1, "12:00", "12:25")
    projection.project(cast.MERCEDES.id)
    projection.project(cast.MERCEDES.id)
    assert of_the_tenant() == [("11:00", 1, 0, 1800, 1, 0), ("12:00", 2, 0, 600 + 1500, 1, 0)]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=10))
    leased(2, "12:35", seat="overage", lapses="12:40")
    projection.project(cast.MERCEDES.id)
    assert of_the_tenant()[-1] == ("12:00", 2, 1, 600 + 1500 + 300, 2, 0)
    assert of_the_tenant(cast.BMW.id) == []


def test_hours_that_a_worker_of_the_release_before_wrote_are_summed_too() -> None:
    leased(1, "11:00", "11:30")
    projection.project(cast.MERCEDES.id)
    TenantHour.objects.all().delete()
    projection.project(cast.MERCEDES.id)
    assert of_the_tenant() == [("11:00", 1, 0, 1800, 1, 0)]


def test_each_vendor_sees_its_own_and_nobody_can_write() -> None:
    leased(1, "12:10", "12:25")
    projection.project(cast.MERCEDES.id)
    assert seen(cast.GREENHILLS.id) == []
    with context.acting_for(cast.VECTOR.id), pytest.raises(DatabaseError):
        UsageHour.objects.update(peak=0)


def test_no_column_could_hold_a_person(db: None) -> None:
    names = {field.name for field in UsageHour._meta.get_fields()}
    assert names.isdisjoint({"user", "hostname", "ip", "key_id", "fingerprint", "metadata", "lease_id"})


def test_only_those_at_work_are_looked_at_and_the_others_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert projection.project_due() == len(cast.CUSTOMERS)  # never looked at before
    assert projection.project_due() == 0
    SweepDue.objects.create(tenant_id=cast.MERCEDES.id, due_at=NOW)
    assert projection.project_due() == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1, hours=1))
    assert projection.project_due() == len(cast.CUSTOMERS)


def test_a_clock_that_was_ahead_for_a_while_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=30))
    projection.project_due()
    leased(1, "12:10", "12:25")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert projection.project_due() == len(cast.CUSTOMERS)
    assert seen() == [("12:00", 0, 1, 0, 900, 1, 0, 0)]
    assert projection.project_due() == 0


def test_a_tenant_that_fails_holds_up_nobody() -> None:
    leased(1, "12:10", "12:25")
    Tenant.objects.create(
        id="adrift", schema_name="tenant_adrift", company_name="Its schema is away", domain="adrift.example", plan="free",
        region="eu-central", crm_id="CUST-0", created_at=NOW, verified_at=NOW, is_provisioned=True,
    )  # fmt: skip
    assert projection.project_due() == len(cast.CUSTOMERS) + 1
    assert len(seen()) == 1
    assert not UsageWatermark.objects.filter(tenant_id="adrift").exists()


def test_hours_of_long_ago_are_forgotten() -> None:
    leased(1, "12:10", "12:25")
    projection.project(cast.MERCEDES.id)
    assert projection.forget_old() == 0
    for hours_of in (UsageHour, TenantHour):
        hours_of.objects.update(hour=NOW - projection.KEPT - timedelta(hours=1))
    assert projection.forget_old() == 2
    assert not UsageHour.objects.exists()
    assert not TenantHour.objects.exists()
