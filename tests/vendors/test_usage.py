"""Use over time, as the vendor sees it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import UsageRecord
from tenants.context import platform
from tests import cast
from tests.vendors.crm import Crm, faults
from vendors.models import UsageHour

OCTOBER = "start_date=2026-10-01&end_date=2026-10-31"


def used(crm: Crm, license_id: str, *moments: str, kind: str = "overage", product: str = cast.DAVINCI.id) -> None:
    for number, moment in enumerate(moments):
        UsageRecord.objects.create(
            entry=f"lease-{license_id}-{kind}-{number}", at=datetime.fromisoformat(moment), kind=kind,
            tenant_id="mercedes", vendor_id=crm.vendor_id, license_id=license_id, product_id=product,
            amount=Decimal("500.00") if kind == "overage" else Decimal(0), currency="EUR",
        )  # fmt: skip


def rows(crm: Crm, query: str) -> list[dict[str, Any]]:
    answer = crm.ask("GET", f"/api/v1/usage?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def test_checkouts_are_counted_by_day_and_hour(vector: Crm) -> None:
    license_id = vector.sold()
    used(vector, license_id, "2026-10-05T08:00:00+00:00", "2026-10-05T09:30:00+00:00", "2026-11-01T00:00:00+00:00")
    used(vector, license_id, "2026-10-05T08:10:00+00:00", kind="commit")
    used(vector, license_id, "2026-10-01T00:00:00+00:00", kind="commit_fee")
    row = {
        "period": "2026-10-05T00:00:00Z",
        "crm_account_id": "ACC-98765",
        "tenant_id": "mercedes",
        "product_id": "davinci-configurator-se",
        "checkouts": 3,
        "overage_checkouts": 2,
        "overage_cost": 1000.0,
        "currency": "EUR",
        "in_use": 0,
        "peak_in_use": 0,
        "seat_hours": 0.0,
        "denials": 0,
        "denials_for_seats": 0,
    }
    assert rows(vector, OCTOBER) == [row]
    hourly = rows(vector, f"{OCTOBER}&granularity=hour")
    assert [(one["period"], one["checkouts"], one["overage_checkouts"]) for one in hourly] == [
        ("2026-10-05T08:00:00Z", 2, 1),
        ("2026-10-05T09:00:00Z", 1, 1),
    ]


def hour(license_id: str, moment: str, **numbers: int) -> None:
    nothing = dict.fromkeys(
        ("in_use", "peak", "peak_overage", "seat_seconds", "checkouts", "overage_checkouts", "denials", "seat_denials"),
        0,
    )
    UsageHour.objects.create(
        license_id=license_id, hour=datetime.fromisoformat(moment), tenant_id="mercedes", vendor_id=cast.VECTOR.id,
        product_id=cast.DAVINCI.id, **nothing | numbers,
    )  # fmt: skip


def test_seats_and_refusals_stand_beside_the_ledgers_checkouts(vector: Crm) -> None:
    first, second = vector.sold(), vector.sold(crm_opportunity_id="SF-2")
    used(vector, first, "2026-10-05T08:00:00+00:00")
    with platform():
        hour(first, "2026-10-05T08:00:00+00:00", peak=3, in_use=2, seat_seconds=5400, denials=2, seat_denials=1)
        hour(first, "2026-10-05T09:00:00+00:00", peak=2, in_use=1, seat_seconds=3600)
        hour(second, "2026-10-05T08:00:00+00:00", peak=4, in_use=4, seat_seconds=1800)
        hour(first, "2026-10-06T01:00:00+00:00", peak=1, seat_seconds=60)  # held over midnight, nothing checked out
    names = ("checkouts", "in_use", "peak_in_use", "seat_hours", "denials", "denials_for_seats")
    assert [[row[name] for name in names] for row in rows(vector, OCTOBER)] == [
        [1, 5, 7, 3.0, 2, 1],
        [0, 0, 1, 0.02, 0, 0],
    ]


@pytest.mark.parametrize(
    ("narrowed", "count"),
    [("tenant_id=mercedes", 1), ("tenant_id=bmw", 0), ("product_id=canoe", 0), ("crm_account_id=ACC-98765", 1)],
)
def test_usage_can_be_narrowed(vector: Crm, narrowed: str, count: int) -> None:
    used(vector, vector.sold(), "2026-10-05T08:00:00+00:00")
    assert len(rows(vector, f"{OCTOBER}&{narrowed}")) == count


def test_another_vendors_usage_is_not_seen(vector: Crm, greenhills: Crm) -> None:
    used(vector, vector.sold(), "2026-10-05T08:00:00+00:00")
    assert rows(greenhills, OCTOBER) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("end_date=2026-10-31", "start_date"),
        ("start_date=2026-10-31&end_date=2026-10-01", "end_date"),
        ("start_date=2025-10-01&end_date=2026-10-31", "end_date"),
        (f"{OCTOBER[:-2]}31&granularity=minute", "granularity"),
        ("start_date=2026-09-30&end_date=2026-10-31&granularity=hour", "end_date"),
        ("start_date=0001-01-01&end_date=2025-01-02", "start_date"),
        ("start_date=9999-12-31&end_date=2025-01-02", "start_date"),
    ],
)
def test_a_bad_range_is_named(vector: Crm, query: str, field: str) -> None:
    assert list(faults(vector.ask("GET", f"/api/v1/usage?{query}"))) == [field]
