"""What the portal says of revenue is what the exports say, whether a month is closed or not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing import queries, rollup
from billing.charges import Charge
from billing.exports import for_customers
from billing.exports.report import report
from billing.models import UsageRecord
from billing.portal import charges, revenue
from cloudlicenses.kit import months
from tenants.context import acting_for
from tests import builders, cast
from tests.billing.conftest import SetClock
from vendors.models import CrmAccount, IssuedLicense

OCTOBER, NOVEMBER = date(2025, 10, 1), date(2025, 11, 1)


@pytest.fixture(autouse=True)
def _used(db: None, in_november: None) -> None:
    terms = {"tenant_id": cast.MERCEDES.id, "status": "provisioned", "provisioned_at": builders.LONG_AGO}
    for license_id in ("lic-1", "lic-2"):
        builders.issued(license_id, **terms | {"commit_fee_monthly": Decimal("1000.00")})
    for month, overage in ((10, 4), (11, 2)):
        for number in range(6):
            kind = "overage" if number < overage else "commit"
            UsageRecord.objects.create(
                entry=f"lease-{month}-{number}", at=months.start_of(date(2025, month, 3)), kind=kind, tenant_id=cast.MERCEDES.id,
                vendor_id=cast.VECTOR.id, license_id="lic-1", product_id=cast.DAVINCI.id,
                amount=Decimal("12.50") if kind == "overage" else Decimal(0), currency="EUR",
            )  # fmt: skip


def test_a_closed_month_and_an_open_one_say_what_the_exports_say(set_clock: SetClock) -> None:
    with acting_for(cast.VECTOR.id):
        reports = [report(cast.VECTOR.id, month, months.last_day(month)).totals for month in (OCTOBER, NOVEMBER)]
        before = revenue.by_month(cast.VECTOR.id, OCTOBER, NOVEMBER)
    rollup.close_month(OCTOBER)
    with acting_for(cast.VECTOR.id):
        after = revenue.by_month(cast.VECTOR.id, OCTOBER, NOVEMBER)
    assert before == after
    assert queries.is_final(OCTOBER)
    assert not queries.is_final(NOVEMBER)
    for month, expected in zip(after, reports, strict=True):
        assert [(one.total, one.overage_checkouts) for one in month.figures] == [
            (one.total, one.overage_checkouts) for one in expected
        ]
    assert [month.figures[0].total for month in after] == [Decimal("2050.00"), Decimal("2025.00")]
    assert revenue.overage_rate(after[0].figures) == 67


def test_customers_licenses_and_single_charges_add_up_to_the_month() -> None:
    with acting_for(cast.VECTOR.id):
        report(cast.VECTOR.id, OCTOBER, months.last_day(OCTOBER))  # writes the month's fees
        account = CrmAccount.objects.get()
        bills = revenue.by_account(cast.VECTOR.id, OCTOBER, most=50)
        [bill] = bills.rows
        licenses = revenue.by_license(cast.VECTOR.id, OCTOBER, account.pk)
        single = charges.charges(cast.VECTOR.id, account, OCTOBER)
        assert (bill.key, bills.has_more) == (account.pk, False)
        assert [one.total for one in bills.totals] == [bill.figures.total]
        assert bill.figures.total == revenue.totals(licenses)[0].total == sum(one.amount for one in single)
        assert [one.key for one in licenses] == ["lic-1", "lic-2"]
        assert charges.charges(cast.VECTOR.id, account, OCTOBER, license_id="lic-1", kind="overage").count() == 4


@pytest.mark.parametrize("is_closed", [True, False])
def test_bills_come_a_page_at_a_time_with_the_sums_of_all(is_closed: bool) -> None:
    for number in range(3):
        account = builders.account(crm_account_id=f"ACC-BMW-{number}", tenant_id=cast.BMW.id)
        CrmAccount.objects.filter(pk=account.pk).update(customer_name=f"BMW 100% {number}")
        terms = {"account": account, "status": "provisioned", "provisioned_at": builders.LONG_AGO}
        license = builders.issued(f"lic-bmw-{number}", tenant_id=cast.BMW.id)
        IssuedLicense.objects.filter(pk=license.pk).update(**terms)
    rollup.close_month(OCTOBER if is_closed else NOVEMBER)
    with acting_for(cast.VECTOR.id):
        report(cast.VECTOR.id, OCTOBER, months.last_day(OCTOBER))
        whole = revenue.by_account(cast.VECTOR.id, OCTOBER, most=50)
        pages = [revenue.by_account(cast.VECTOR.id, OCTOBER, most=2, page=page) for page in (1, 2, 3)]
        found = {
            words: revenue.by_account(cast.VECTOR.id, OCTOBER, most=50, words=words) for words in ("100%", "bmw-1", "_")
        }
    assert [row for page in pages for row in page.rows] == whole.rows
    assert [page.has_more for page in pages] == [True, False, False]
    assert {str(page.totals) for page in (*pages, *found.values())} == {str(whole.totals)}
    assert [len(bills.rows) for bills in found.values()] == [3, 1, 0]


def test_nothing_of_another_vendor_is_counted() -> None:
    with acting_for(cast.GREENHILLS.id):
        assert revenue.by_account(cast.VECTOR.id, OCTOBER, most=50) == revenue.Bills([], [], has_more=False)
        assert revenue.by_month(cast.VECTOR.id, OCTOBER, OCTOBER)[0].figures == []


def test_a_file_of_charges_holds_no_formula() -> None:
    UsageRecord.objects.create(
        entry="=HYPERLINK(1)", at=months.start_of(OCTOBER), kind="commit", tenant_id=cast.MERCEDES.id, vendor_id=cast.VECTOR.id,
        license_id="lic-1", product_id=cast.DAVINCI.id, amount=Decimal(0), currency="EUR",
    )  # fmt: skip
    with acting_for(cast.VECTOR.id):
        lines = charges.as_csv(charges.charges(cast.VECTOR.id, CrmAccount.objects.get(), OCTOBER)).decode().splitlines()
    assert lines[0] == "At,License,Product_ID,Kind,Amount,Currency,Entry"
    assert lines[1].endswith(",'=HYPERLINK(1)")


def test_a_file_of_charges_that_was_cut_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_for(cast.VECTOR.id):
        found = charges.charges(cast.VECTOR.id, CrmAccount.objects.get(), OCTOBER)
        whole = charges.as_csv(found).decode().splitlines()
        monkeypatch.setattr(charges, "MOST_IN_A_FILE", found.count())
        assert charges.as_csv(found).decode().splitlines() == whole
        monkeypatch.setattr(charges, "MOST_IN_A_FILE", 2)
        lines = charges.as_csv(found).decode().splitlines()
    assert lines[:3] == whole[:3]
    assert lines[3].startswith("Cut off: there are more than these 2 rows")
    assert len(lines) == 4


def test_a_customers_file_of_charges_that_was_cut_off_says_so() -> None:
    of_the_month = [Charge("e", months.start_of(OCTOBER), "commit", "lic-1", "V", "P", Decimal(0), "EUR", "u", "h")] * 3
    assert "Cut off" not in for_customers.charges_as_csv(of_the_month, 3).decode()
    lines = for_customers.charges_as_csv(of_the_month, 2).decode().splitlines()
    assert (len(lines), lines[3].startswith("Cut off: there are more than these 2 rows")) == (4, True)


def test_the_forecast_goes_on_at_the_months_pace() -> None:
    with acting_for(cast.VECTOR.id):
        report(cast.VECTOR.id, NOVEMBER, months.last_day(NOVEMBER))
        [forecast] = revenue.forecasts(revenue.by_month(cast.VECTOR.id, OCTOBER, NOVEMBER))
    assert forecast.currency == "EUR"
    assert Decimal("2025.00") < forecast.total < Decimal("2050.00")
