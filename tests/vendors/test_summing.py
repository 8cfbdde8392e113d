"""Sums that charts read beside the hours of licenses: they are those hours, added up, whoever wrote what in which order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.models import F, Max, Sum
from django.db.models.functions import TruncWeek
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudlicenses.kit import clock
from licensing.hours import UsedHour
from tenants import context
from tests import cast
from vendors import insight, summing
from vendors.models import LicenseWeek, UsageHour, VendorHour

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
OF_HOURS = ("peak", "seat_seconds", "checkouts", "overage_checkouts", "denials")
OF_WEEKS = ("seat_seconds", "checkouts", "overage_checkouts", "denials", "seat_denials")


def used(license_id: str, hour: datetime, numbers: tuple[int, ...], **place: str) -> UsedHour:
    peak, seconds, checkouts, overage, denials = numbers
    where = {"vendor_id": cast.VECTOR.id, "product_id": cast.DAVINCI.id} | place
    return UsedHour(
        license_id=license_id, hour=hour, in_use=0, peak=peak, peak_overage=overage, seat_seconds=seconds, checkouts=checkouts,
        overage_checkouts=overage, denials=denials, seat_denials=denials, **where,
    )  # fmt: skip


def write(tenant_id: str, *hours: UsedHour) -> None:
    with context.platform():
        summing.write(tenant_id, list(hours), MONDAY, MONDAY + timedelta(days=30))


def sums_by_hand() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """From the base table, asked in another way."""
    hours: set[tuple[Any, ...]] = set()
    names = [f"of_{name}" for name in OF_HOURS]
    for by in ({}, {"tenant_id": F("tenant_id")}, {"product_id": F("product_id")}):
        summed = UsageHour.objects.values("vendor_id", "hour", *by).annotate(
            **{f"of_{name}": Sum(name) for name in OF_HOURS}
        )
        hours |= {
            (row["vendor_id"], row.get("tenant_id", ""), row.get("product_id", ""), row["hour"], *map(row.get, names))
            for row in summed
        }
    weeks = UsageHour.objects.annotate(week=TruncWeek("hour", tzinfo=UTC)).values_list("license_id", "week")
    found = weeks.annotate(Max("peak"), Max("peak_overage"), *(Sum(name) for name in OF_WEEKS))
    return hours, set(found)


def sums_as_kept() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    hours = VendorHour.objects.values_list("vendor_id", "tenant_id", "product_id", "hour", *OF_HOURS)
    return set(hours), set(LicenseWeek.objects.values_list("license_id", "week", "peak", "peak_overage", *OF_WEEKS))


NUMBERS = st.tuples(*[st.integers(0, 50)] * 5)
WRITTEN = st.lists(
    st.tuples(
        st.sampled_from([cast.MERCEDES.id, cast.BMW.id]),
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200), NUMBERS), max_size=6, unique_by=lambda each: each[:2]),
    ),
    max_size=8,
)  # fmt: skip


@given(written=WRITTEN)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each begins by forgetting
def test_whatever_is_written_when_the_sums_are_those_of_the_hours(db: None, written: list[Any]) -> None:
    UsageHour.objects.all().delete()
    summing.recount(MONDAY)
    for tenant_id, hours in written:
        write(tenant_id, *(_one(tenant_id, *each) for each in hours))
    assert sums_as_kept() == sums_by_hand()
    kept = sums_as_kept()
    summing.recount(MONDAY)
    assert sums_as_kept() == kept


def _one(tenant_id: str, license_number: int, hour: int, numbers: tuple[int, ...]) -> UsedHour:
    """Three licenses a tenant, the third of another product, the second of another vendor."""
    place = ({}, {"vendor_id": cast.GREENHILLS.id}, {"product_id": "canoe"})[license_number - 1]
    return used(f"{tenant_id}-{license_number}", MONDAY + timedelta(hours=hour), numbers, **place)


def test_what_is_written_twice_adds_nothing(db: None) -> None:
    hour = used("lic-1", MONDAY, (3, 7200, 4, 1, 2))
    write(cast.MERCEDES.id, hour)
    once = sums_as_kept()
    assert (cast.VECTOR.id, "", "", MONDAY, 3, 7200, 4, 1, 2) in once[0]
    write(cast.MERCEDES.id, hour)
    assert sums_as_kept() == once


def test_two_customers_of_one_vendor_add_up(db: None) -> None:
    write(cast.MERCEDES.id, used("lic-1", MONDAY, (3, 7200, 4, 1, 2)))
    write(cast.BMW.id, used("lic-2", MONDAY, (1, 60, 1, 0, 0)))
    assert VendorHour.objects.get(tenant_id="", product_id="").peak == 4
    assert {row.tenant_id: row.peak for row in VendorHour.objects.exclude(tenant_id="")} == {"mercedes": 3, "bmw": 1}


def test_what_a_worker_of_the_release_before_wrote_is_recounted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(hours=30))
    write(cast.MERCEDES.id, used("lic-1", MONDAY, (3, 7200, 4, 1, 2)))
    UsageHour.objects.update(peak=5, checkouts=9)
    summing.recount_lately()
    assert sums_as_kept() == sums_by_hand()
    assert VendorHour.objects.get(tenant_id="", product_id="").checkouts == 9


def test_older_sums_stay_when_the_last_days_are_recounted(db: None) -> None:
    write(cast.MERCEDES.id, used("lic-1", MONDAY, (3, 7200, 4, 1, 2)))
    UsageHour.objects.all().delete()
    summing.recount(MONDAY + timedelta(days=7))
    assert VendorHour.objects.count() == 3
    call_command("recount_usage", "--since", f"{MONDAY.date()}")
    assert not VendorHour.objects.exists()
    assert not LicenseWeek.objects.exists()


def test_a_vendor_reads_its_own_sums_alone_and_nobody_else_any(db: None) -> None:
    write(cast.MERCEDES.id, used("lic-1", MONDAY, (3, 7200, 4, 1, 2)))
    with context.acting_for(cast.VECTOR.id):
        assert (VendorHour.objects.count(), LicenseWeek.objects.count()) == (3, 1)
    with context.acting_for(cast.GREENHILLS.id):
        assert (VendorHour.objects.count(), LicenseWeek.objects.count()) == (0, 0)
    for kept in (VendorHour, LicenseWeek):
        with pytest.raises(DatabaseError), context.acting_for(cast.VECTOR.id):
            kept.objects.update(peak=0)
        with pytest.raises(DatabaseError), context.inside(cast.MERCEDES.id):
            kept.objects.count()


SPANS = (
    (date(2026, 10, 5), date(2026, 10, 18)), (date(2026, 10, 7), date(2026, 10, 9)), (date(2026, 10, 1), date(2026, 10, 25)),
    (date(2026, 10, 11), date(2026, 10, 12)), (date(2026, 10, 8), date(2026, 10, 20)),
)  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
@pytest.mark.parametrize(("start", "end"), SPANS)
@pytest.mark.parametrize("now", [MONDAY + timedelta(days=15, hours=5), MONDAY + timedelta(days=60)])
def test_whole_weeks_and_hours_around_them_are_what_hours_alone_say(
    db: None, monkeypatch: pytest.MonkeyPatch, start: date, end: date, zone: str, now: datetime
) -> None:
    """Hours of every kind of edge, up to `now`."""
    monkeypatch.setattr(clock, "now", lambda: now)
    moments = [MONDAY + timedelta(hours=each) for each in range(-100, 500, 7)]
    write(cast.MERCEDES.id, *(used("lic-1", at, (2, 60, 1, 1, 1)) for at in moments if at < now))
    view = insight.View(start, end, zone=zone)
    first, beyond = insight.bounds(view)
    expected = sum(first <= at < beyond for at in moments if at < now)
    with context.acting_for(cast.VECTOR.id):
        found = insight.by_license(cast.VECTOR.id, view)
        told = sum(hour.checkouts for hour in insight.hours(cast.VECTOR.id, view))
    assert found["lic-1"] == insight.LicenseUse(2, 1, expected * 60 // 3600, expected, expected, expected, expected)
    assert told == expected


def test_hours_of_one_product_at_one_customer_are_added_up_from_licenses(db: None) -> None:
    write(
        cast.MERCEDES.id,
        used("lic-1", MONDAY, (3, 60, 4, 1, 2)),
        used("lic-2", MONDAY, (9, 60, 9, 0, 0), product_id="canoe"),
    )
    write(cast.BMW.id, used("lic-3", MONDAY, (7, 60, 7, 0, 0)))
    view = insight.View(MONDAY.date(), MONDAY.date(), cast.MERCEDES.id, cast.DAVINCI.id)
    with context.acting_for(cast.VECTOR.id):
        [hour] = insight.hours(cast.VECTOR.id, view)
    assert (hour.peak, hour.checkouts) == (3, 4)
