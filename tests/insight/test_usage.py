"""`GET /api/v1/usage`, and the zones in which charts count days and hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts import tokens
from accounts.models import Role
from insight import hours, usage
from licensing.models import License
from tenants import context
from tests import builders, cast
from tests.sites import Site
from vendors import projection
from vendors.models import TenantHour

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 6, 12, 30, tzinfo=UTC)  # a Tuesday
PERIOD = "start_date=2026-10-05&end_date=2026-10-06"


@pytest.fixture(autouse=True)
def history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seats of lic-1 late on Monday, one of lic-2 on Tuesday, and a refusal; projected."""
    monkeypatch.setattr("cloudlicenses.kit.clock.now", lambda: NOW)
    monday, tuesday = datetime(2026, 10, 5, 22, 30, tzinfo=UTC), datetime(2026, 10, 6, 9, tzinfo=UTC)
    with context.inside(cast.MERCEDES.id):
        one, two = builders.granted("lic-1"), builders.granted("lic-2", product=cast.MULTI)
        leased(one, "lease-1", monday, 20)
        leased(one, "lease-2", monday, 30, lease_type="overage")
        leased(two, "lease-3", tuesday, 90)
    projection.project(cast.MERCEDES.id)


def leased(license_: License, lease_id: str, begin: datetime, minutes: int, **facts: Any) -> None:
    end = begin + timedelta(minutes=minutes)
    builders.leased(license_, lease_id, issued_at=begin, expires_at=end, ended_at=end, **facts)


def asked(site: Site, query: str = PERIOD, *, key: str = "", role: Role = Role.VIEWER) -> Any:
    if not key:
        with context.inside(cast.MERCEDES.id):
            _, key = tokens.issue(builders.person(role=role), "usage", actor=builders.actor())
    return site.ask("GET", f"/api/v1/usage?{query}", key=key)


def test_days_by_license(mercedes_site: Site) -> None:
    answer = asked(mercedes_site)
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert [(row["period"], row["license_id"], row["peak_in_use"], row["peak_overage"]) for row in rows] == [
        ("2026-10-05T00:00:00Z", "lic-1", 2, 1),
        ("2026-10-06T00:00:00Z", "lic-2", 1, 0),
    ]
    assert [(row["checkouts"], row["overage_checkouts"], row["denials"]) for row in rows] == [(2, 1, 0), (1, 0, 0)]
    assert [float(row["seat_hours"]) for row in rows] == [0.83, 1.5]


def test_hours_of_one_license(mercedes_site: Site) -> None:
    rows = asked(mercedes_site, f"{PERIOD}&granularity=hour&license_id=lic-2").json()["data"]
    assert [(row["period"], row["peak_in_use"]) for row in rows] == [
        ("2026-10-06T09:00:00Z", 1),
        ("2026-10-06T10:00:00Z", 1),
    ]


def test_of_one_product(mercedes_site: Site) -> None:
    rows = asked(mercedes_site, f"{PERIOD}&product_id={cast.DAVINCI.id}").json()["data"]
    assert {row["license_id"] for row in rows} == {"lic-1"}


def test_an_application_that_may_read_is_answered_and_another_customer_sees_nothing(
    mercedes_site: Site, bmw_site: Site
) -> None:
    with context.inside(cast.MERCEDES.id):
        key = builders.tenant_key(scopes=("license:read",))
    with context.inside(cast.BMW.id):
        other = builders.tenant_key(cast.BMW.id, scopes=("license:read",))
    assert len(asked(mercedes_site, key=key).json()["data"]) == 2
    assert asked(bmw_site, key=other).json()["data"] == []
    assert asked(bmw_site, key=key).json()["code"] == "wrong_tenant"


UNFIT = (
    ("end_date=2026-10-06", "start_date"), (f"{PERIOD}&granularity=week", "granularity"),
    ("start_date=2026-10-06&end_date=2026-10-05", "end_date"),
    ("start_date=2026-01-01&end_date=2026-03-01&granularity=hour", "end_date"),
    ("start_date=0001-01-01&end_date=0001-01-02", "start_date"), ("start_date=9999-12-30&end_date=9999-12-31", "start_date"),
)  # fmt: skip


@pytest.mark.parametrize(("query", "field"), UNFIT)
def test_what_is_no_period_is_refused_by_name(query: str, field: str, mercedes_site: Site) -> None:
    answer = asked(mercedes_site, query)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


ZONES = (
    ("UTC", (0, 22), "2026-10-05"),
    ("Europe/Berlin", (1, 0), "2026-10-06"),
    ("America/Los_Angeles", (0, 15), "2026-10-05"),
)


@pytest.mark.parametrize(("zone", "cell", "day"), ZONES)
def test_hours_of_the_week_and_days_are_the_readers(zone: str, cell: tuple[int, int], day: str) -> None:
    with context.inside(cast.MERCEDES.id):
        found = usage.usage_of(cast.MERCEDES.id, 7, ZoneInfo(zone), product_id=cast.DAVINCI.id)
    assert [key for key, seats in found.week.items() if seats] == [cell]
    assert {f"{each}": peak for each, (peak, _) in zip(found.days, found.peaks, strict=True) if peak} == {day: 2}
    assert (found.peak, found.checkouts) == (2, 2)


def test_a_clock_that_is_put_back_has_its_hour_twice_in_one_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    both = [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1)]  # 2:00 in Berlin, and 2:00 again
    used = [hours.Hour(at, 3, 1, 3.0, 3, 0) for at in both]
    first, end = datetime(2026, 10, 25, tzinfo=berlin), datetime(2026, 10, 26, tzinfo=berlin)
    assert hours.week_of(used, first, end, berlin) == {(6, 2): 3.0}
    assert hours.peaks_by_day(used, [datetime(2026, 10, 25).date()], berlin) == [(3, 1)]


@pytest.mark.parametrize("days", [7, 30, 90])
def test_seats_that_are_always_in_use_are_so_on_average(days: int) -> None:
    """30 days have some weekdays five times, and the hours of today that have not begun are none."""
    first = NOW.replace(hour=0, minute=0) - timedelta(days=days - 1)
    used = [hours.Hour(first + timedelta(hours=each), 6, 0, 6.0, 0, 0) for each in range(24 * days - 11)]
    assert set(hours.week_of(used, first, NOW, UTC).values()) == {6.0}


def test_all_licenses_together_are_read_from_the_tenants_own_hours() -> None:
    start, end = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 7, tzinfo=UTC)
    with context.inside(cast.MERCEDES.id):
        every = hours.hours_of(cast.MERCEDES.id, start, end)
        named = hours.hours_of(cast.MERCEDES.id, start, end, license_ids=["lic-1", "lic-2"])
        assert every == named
        assert TenantHour.objects.count() == len(every) == 3
        assert hours.hours_of(cast.MERCEDES.id, start, end, license_ids=[]) == []
