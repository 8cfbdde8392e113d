"""What a deal or an amendment costs and does, said before it is agreed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import InvalidInput, NotFound
from licensing.models import Lease, License
from tenants.context import acting_for, inside, platform
from tests import builders, cast
from tests.vendors.crm import Crm
from vendors import lifecycle, previews, quotes, terms
from vendors.lifecycle import Amendment
from vendors.models import IssuedLicense, UsageHour
from vendors.refusals import LicenseRevoked

ENTITLEMENT = terms.Entitlement(20, 5, 15, Decimal("5000.00"), Decimal("500.00"), "EUR")


def test_a_quote_says_what_is_sure_and_what_can_be() -> None:
    found = quotes.quote(ENTITLEMENT, terms.Contract(date(2026, 1, 15), date(2026, 12, 31)))
    assert (found.months, found.term_fees) == (12, Decimal("60000.00"))
    assert found.overage_once == Decimal("7500.00")
    assert found.month_at_full_overage == Decimal("12500.00")


def previewed(license_id: str, **changes: object) -> previews.Preview:
    with acting_for(cast.VECTOR.id):
        return previews.preview(cast.VECTOR.id, license_id, Amendment(**changes))


@pytest.fixture
def in_use(vector: Crm, monkeypatch: pytest.MonkeyPatch) -> str:
    """Five commit seats and four of fifteen overage seats at this moment, 44 overage checkouts last month."""
    license_id = vector.sold()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)  # "last month" is the same one to the end
    with inside(cast.MERCEDES.id):
        license_ = License.objects.get()
        for number in range(9):
            builders.leased(license_, f"lease-{number}", lease_type="commit" if number < 5 else "overage")
        builders.leased(license_, "lapsed", expires_at=now - timedelta(seconds=1))
        License.objects.update(commit_in_use=6, overage_in_use=4)
    last_month = (now.replace(day=1) - timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    with platform():
        UsageHour.objects.create(
            license_id=license_id, hour=last_month, tenant_id="mercedes", vendor_id=cast.VECTOR.id, product_id=cast.DAVINCI.id,
            in_use=0, peak=9, peak_overage=4, seat_seconds=1, checkouts=90, overage_checkouts=44, denials=0, seat_denials=0,
        )  # fmt: skip
    return license_id


def test_a_preview_says_what_changes_and_what_it_costs(in_use: str) -> None:
    found = previewed(in_use, overage_per_use=Decimal("600.00"), commit_qty=5)
    assert found.changes == {"overage_per_use": (Decimal("500.00"), Decimal("600.00"))}
    assert (found.seats.commit, found.seats.overage, found.seats_too_many) == (5, 4, 0)
    assert (found.last_month_before, found.last_month_after) == (Decimal("27000.00"), Decimal("31400.00"))
    assert (found.before.month_at_full_overage, found.after.month_at_full_overage) == (
        Decimal("12500.00"),
        Decimal("14000.00"),
    )


def test_a_preview_counts_the_seats_that_are_too_many_and_takes_none(in_use: str) -> None:
    found = previewed(in_use, total_licenses=7, commit_qty=5, max_overage=2)
    assert found.seats_too_many == 2
    with inside(cast.MERCEDES.id):
        assert Lease.objects.filter(ended_at=None).count() == 10
        assert License.objects.get().total_licenses == 20
    assert IssuedLicense.objects.get().revision == 1


def test_what_the_amendment_would_refuse_the_preview_refuses(in_use: str) -> None:
    with pytest.raises(InvalidInput) as error:
        previewed(in_use, commit_qty=30)
    assert [fault.field for fault in error.value.errors] == ["entitlement.commit_qty"]
    with acting_for(cast.GREENHILLS.id), pytest.raises(NotFound):
        previews.preview(cast.GREENHILLS.id, in_use, Amendment(commit_qty=1))
    with acting_for(cast.VECTOR.id):
        lifecycle.revoke(builders.actor(), cast.VECTOR.id, in_use)
    with pytest.raises(LicenseRevoked):
        previewed(in_use, commit_qty=4)


def test_a_license_that_has_not_arrived_has_no_seats_in_use(vector: Crm) -> None:
    license_id = vector.sold(customer__tenant_id="acme", customer__crm_account_id="ACC-1")
    assert previewed(license_id, auto_renew=False).seats.all == 0
