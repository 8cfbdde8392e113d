"""Checkouts over time, as the vendor sees them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import UsageRecord
from tests import cast
from tests.vendors.crm import Crm, faults

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
    }
    assert rows(vector, OCTOBER) == [row]
    hourly = rows(vector, f"{OCTOBER}&granularity=hour")
    assert [(one["period"], one["checkouts"], one["overage_checkouts"]) for one in hourly] == [
        ("2026-10-05T08:00:00Z", 2, 1),
        ("2026-10-05T09:00:00Z", 1, 1),
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
