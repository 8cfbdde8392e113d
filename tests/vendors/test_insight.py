"""What a vendor learns from the projection: the week, the days, license by license."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cloudlicenses.kit import clock
from tenants import context
from tests import cast
from vendors import insight, summing
from vendors.models import UsageHour

WEEKS = insight.View(date(2026, 9, 28), date(2026, 10, 11))  # two weeks, Monday to Sunday


@pytest.fixture(autouse=True)
def _used(db: None) -> None:
    at("2026-10-05T08:00", peak=3, seat_seconds=7200, checkouts=4, overage_checkouts=1, denials=2, seat_denials=1)
    at("2026-10-05T08:00", "lic-2", peak=2, seat_seconds=3600, checkouts=2, product_id="canoe")
    at("2026-10-05T22:00", peak=1, seat_seconds=3600, in_use=1)
    at("2026-10-12T08:00", peak=9, seat_seconds=3600)  # after the days looked at
    at("2026-10-05T08:00", "lic-3", peak=50, seat_seconds=3600, vendor_id=cast.GREENHILLS.id)


def at(moment: str, license_id: str = "lic-1", **facts: object) -> None:
    nothing = dict.fromkeys(
        ("in_use", "peak", "peak_overage", "seat_seconds", "checkouts", "overage_checkouts", "denials", "seat_denials"),
        0,
    )
    place = {"tenant_id": "mercedes", "vendor_id": cast.VECTOR.id, "product_id": cast.DAVINCI.id}
    moment_ = datetime.fromisoformat(f"{moment}:00+00:00")
    UsageHour.objects.create(license_id=license_id, hour=moment_, **nothing | place | facts)
    summing.recount(moment_)


def test_a_week_has_the_mean_over_all_such_hours_and_the_highest_peak(db: None) -> None:
    with context.acting_for(cast.VECTOR.id):
        cells = insight.week(insight.hours(cast.VECTOR.id, WEEKS), WEEKS)
    assert len(cells) == 168
    assert {(c.weekday, c.hour): (c.mean, c.peak, c.denials) for c in cells if c.peak} == {
        (0, 8): (Decimal("1.50"), 5, 2),  # three seat-hours on one Monday of two
        (0, 22): (Decimal("0.50"), 1, 0),
    }


def test_hours_and_days_are_those_of_the_zone_that_is_asked_for(db: None) -> None:
    berlin = insight.View(WEEKS.start, WEEKS.end, zone="Europe/Berlin")
    with context.acting_for(cast.VECTOR.id):
        cells = {
            (cell.weekday, cell.hour)
            for cell in insight.week(insight.hours(cast.VECTOR.id, berlin), berlin)
            if cell.peak
        }
        days = [day.day for day in insight.days(insight.hours(cast.VECTOR.id, berlin), berlin) if day.peak]
    assert cells == {(0, 10), (1, 0)}
    assert days == [date(2026, 10, 5), date(2026, 10, 6)]


def test_an_hour_that_is_there_twice_counts_twice_and_one_that_has_not_begun_not_at_all(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clocks of Berlin were put back in the night to 25 October; a week later, a Sunday too, it is not yet two there."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 1, 0, 3, tzinfo=UTC))
    for moment in ("2026-10-25T00:00", "2026-10-25T01:00"):
        at(moment, peak=3, seat_seconds=3 * 3600)
    view = insight.View(date(2026, 10, 19), date(2026, 11, 1), zone="Europe/Berlin")
    with context.acting_for(cast.VECTOR.id):
        cells = insight.week(insight.hours(cast.VECTOR.id, view), view)
    assert {(cell.weekday, cell.hour): (cell.mean, cell.peak) for cell in cells if cell.peak} == {
        (6, 2): (Decimal(3), 3)
    }


def test_every_day_is_there_and_peaks_are_of_one_hour(db: None) -> None:
    with context.acting_for(cast.VECTOR.id):
        days = insight.days(insight.hours(cast.VECTOR.id, WEEKS), WEEKS)
    assert len(days) == 14
    assert [day for day in days if day != insight.Day(day.day)] == [insight.Day(date(2026, 10, 5), 5, 6, 1, 2)]


def test_licenses_are_told_apart_and_can_be_narrowed(db: None) -> None:
    of_davinci = insight.View(WEEKS.start, WEEKS.end, product_id=cast.DAVINCI.id)
    with context.acting_for(cast.VECTOR.id):
        every = insight.by_license(cast.VECTOR.id, WEEKS)
        narrowed = insight.by_license(cast.VECTOR.id, of_davinci)
    assert every["lic-1"] == insight.LicenseUse(3, 0, 3, 4, 1, 2, 1)
    assert set(every) == {"lic-1", "lic-2"}
    assert set(narrowed) == {"lic-1"}


def test_seats_in_use_now_are_those_of_the_newest_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 10, 5, 22, 40, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    with context.acting_for(cast.VECTOR.id):
        assert insight.in_use_now(cast.VECTOR.id, ["lic-1", "lic-2"]) == {"lic-1": 1}
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=5))
        assert insight.in_use_now(cast.VECTOR.id, ["lic-1"]) == {}


@pytest.mark.parametrize(
    ("zone", "first", "beyond"),
    [
        ("Asia/Tokyo", "2026-09-27T15:00", "2026-10-11T15:00"),
        ("America/Los_Angeles", "2026-09-28T07:00", "2026-10-12T07:00"),
    ],
)
def test_a_day_begins_and_ends_where_the_zone_says(db: None, zone: str, first: str, beyond: str) -> None:
    UsageHour.objects.all().delete()
    at(first, peak=1, seat_seconds=60, checkouts=1)
    at(beyond, peak=1, seat_seconds=60, checkouts=1)
    view = insight.View(WEEKS.start, WEEKS.end, zone=zone)
    with context.acting_for(cast.VECTOR.id):
        days = insight.days(insight.hours(cast.VECTOR.id, view), view)
        hours = [cell for cell in insight.week(insight.hours(cast.VECTOR.id, view), view) if cell.peak]
        [used] = insight.by_license(cast.VECTOR.id, view).values()
    assert [(day.day, day.checkouts) for day in days if day.checkouts] == [(WEEKS.start, 1)]
    assert [(cell.weekday, cell.hour) for cell in hours] == [(0, 0)]
    assert used.checkouts == 1
