"""Commit fees: due when they should be, written once, never changed; and a ledger that nobody can rewrite."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction

from billing import ledger, rollup
from billing.models import UsageRecord
from tenants.context import acting_for, inside
from tests import cast
from tests.billing import history
from tests.billing.conftest import SetClock
from vendors.models import IssuedLicense

pytestmark = pytest.mark.django_db

SEPTEMBER, DECEMBER = date(2025, 9, 1), date(2025, 12, 31)


def fees() -> dict[str, Decimal]:
    return dict(UsageRecord.objects.filter(kind="commit_fee").order_by("at", "entry").values_list("entry", "amount"))


def ensure(first: date = SEPTEMBER, last: date = DECEMBER) -> int:
    return ledger.ensure_commit_fees(first, last)


@pytest.fixture(autouse=True)
def _now(in_november: None) -> None: ...


def test_a_fee_is_due_from_the_month_of_provisioning_up_to_the_present_month() -> None:
    history.sold(to=history.customer(), provisioned_at=datetime(2025, 10, 31, 23, 59, tzinfo=UTC))
    assert ensure() == 2
    assert fees() == {"fee-lic-1-2025-10": history.FEE, "fee-lic-1-2025-11": history.FEE}
    assert set(UsageRecord.objects.values_list("at", flat=True)) == {
        datetime(2025, 10, 1, tzinfo=UTC),
        datetime(2025, 11, 1, tzinfo=UTC),
    }


def test_writing_again_writes_nothing() -> None:
    history.sold(to=history.customer())
    assert (ensure(), ensure()) == (2, 0)


def test_an_amended_price_leaves_what_is_written() -> None:
    history.sold(to=history.customer())
    ensure(last=date(2025, 10, 1))
    IssuedLicense.objects.update(commit_fee_monthly=Decimal("7000.00"), commit_qty=4)
    ensure()
    assert fees() == {"fee-lic-1-2025-10": history.FEE, "fee-lic-1-2025-11": Decimal("7000.00")}


@pytest.mark.parametrize(
    ("revoked_at", "months"),
    [
        (datetime(2025, 10, 20, tzinfo=UTC), ["2025-10"]),
        (datetime(2025, 10, 31, 23, 59, 59, 999999, tzinfo=UTC), ["2025-10"]),
        (datetime(2025, 11, 1, tzinfo=UTC), ["2025-10", "2025-11"]),
    ],
)
def test_a_revoked_license_owes_nothing_for_months_that_begin_later(revoked_at: datetime, months: list[str]) -> None:
    history.sold(to=history.customer(), status=IssuedLicense.Status.REVOKED, revoked_at=revoked_at)
    ensure()
    assert list(fees()) == [f"fee-lic-1-{month}" for month in months]


def test_suspension_does_not_lift_the_commitment() -> None:
    history.sold(to=history.customer(), status=IssuedLicense.Status.SUSPENDED)
    assert ensure() == 2


@pytest.mark.parametrize("status", [IssuedLicense.Status.GENERATED, IssuedLicense.Status.PENDING_CUSTOMER])
def test_nothing_is_due_before_provisioning(status: str) -> None:
    history.sold(to=history.customer(), status=status, provisioned_at=None)
    assert ensure() == 0


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 11, 30), date(2026, 1, 1), ["2025-11"]),
        (date(2025, 1, 1), date(2025, 10, 1), ["2025-10"]),
        (date(2025, 12, 1), date(2026, 1, 1), []),
        (date(2025, 1, 1), date(2025, 9, 30), []),
    ],
)
def test_the_contract_must_overlap_the_month(start: date, end: date, months: list[str]) -> None:
    history.sold(to=history.customer(), start_date=start, end_date=end)
    ensure()
    assert list(fees()) == [f"fee-lic-1-{month}" for month in months]


def test_a_contract_prolonged_later_does_not_reach_back_into_closed_months(set_clock: SetClock) -> None:
    history.sold(to=history.customer(), end_date=date(2025, 10, 10))
    rollup.close_month(date(2025, 10, 1))
    set_clock(datetime(2025, 12, 5, tzinfo=UTC))
    rollup.close_month(date(2025, 11, 1))
    IssuedLicense.objects.update(end_date=date(2026, 12, 31))
    ensure()
    assert list(fees()) == ["fee-lic-1-2025-10", "fee-lic-1-2025-12"]


REWRITES = (
    "UPDATE billing_usagerecord SET amount = 0",
    "DELETE FROM billing_usagerecord",
    "TRUNCATE billing_usagerecord",
    "UPDATE billing_usagerecord_2025_11 SET amount = 0",
)


@pytest.mark.parametrize("statement", REWRITES)
def test_nobody_may_change_what_is_written(statement: str) -> None:
    history.checkouts(history.sold(to=history.customer()), 1)
    for scope in (None, inside(cast.MERCEDES.id), acting_for(cast.VECTOR.id)):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run(statement, scope)


def test_customers_and_vendors_see_their_own_facts_only() -> None:
    history.checkouts(history.sold(to=history.customer()), 1)
    other = history.customer("ACC-2", cast.BMW.company_name, vendor_id=cast.GREENHILLS.id, tenant_id=cast.BMW.id)
    history.checkouts(history.sold("lic-2", to=other, product=cast.MULTI), 1)
    for scope in (inside(cast.MERCEDES.id), acting_for(cast.VECTOR.id)):
        with scope:
            assert list(UsageRecord.objects.values_list("license_id", flat=True)) == ["lic-1"]


def test_a_vendor_may_not_write_facts() -> None:
    license = history.sold(to=history.customer())
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), acting_for(cast.VECTOR.id):
        history.checkouts(license, 1)


def run(statement: str, scope: object) -> None:
    if scope is not None:
        with scope, connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(statement)
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement)
