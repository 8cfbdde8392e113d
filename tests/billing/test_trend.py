"""A customer's months and the forecast of the present one, at any instant of it: also minutes after it has begun."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing import ledger, rollup, trend
from cloudlicenses.kit import months
from licensing.models import License
from tenants.context import inside
from tests import builders, cast, sites
from tests.billing import history
from tests.billing.conftest import SetClock
from vendors.models import IssuedLicense

pytestmark = pytest.mark.django_db
NOVEMBER = date(2025, 11, 1)
THREE_PAST = datetime(2025, 12, 1, 0, 3, tzinfo=UTC)


@pytest.fixture
def sold() -> IssuedLicense:
    """5,000.00 a month, and in November twenty overage checkouts at 500.00."""
    license = history.sold(to=history.customer())
    ledger.ensure_commit_fees(NOVEMBER, NOVEMBER)
    history.checkouts(license, 20)
    return license


def monthly(number: int = 2) -> list[trend.MonthCost]:
    with inside(cast.MERCEDES.id):
        return trend.monthly(cast.MERCEDES.id, number)


def test_a_month_that_has_just_begun_has_its_fee_and_the_pace_of_the_one_before(
    sold: IssuedLicense, set_clock: SetClock
) -> None:
    set_clock(THREE_PAST)
    november, december = monthly()
    assert (november.commit_fee, november.overage_cost) == (history.FEE, Decimal("10000.00"))
    assert (december.commit_fee, december.overage_cost) == (history.FEE, Decimal("0.00"))
    [forecast] = trend.forecast([november, december])
    assert forecast.is_too_early
    assert Decimal(16490) < forecast.total <= Decimal(16500), "500.00 a working day, of which it has 23"


def test_an_interim_statement_is_not_the_month(sold: IssuedLicense, set_clock: SetClock) -> None:
    set_clock(datetime(2025, 11, 20, 12, tzinfo=UTC))
    rollup.close_month(NOVEMBER)
    history.checkouts(sold, 3, at=datetime(2025, 11, 28, tzinfo=UTC))
    for moment in (THREE_PAST, datetime(2025, 12, 1, 0, 20, tzinfo=UTC)):
        set_clock(moment)
        assert monthly()[0].overage_cost == Decimal("11500.00")
        rollup.close_what_is_over()


INSTANTS = {
    "the first instant of a year": datetime(2028, 1, 1, tzinfo=UTC),
    "the first of a month, a Saturday": datetime(2028, 1, 1, 12, tzinfo=UTC),
    "two working days into a month": datetime(2028, 2, 3, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 12, tzinfo=UTC),
    "the last instant of a month": datetime(2028, 3, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "the last instant of a month that ends on a Sunday": datetime(2028, 4, 30, 23, 59, 59, 999999, tzinfo=UTC),
}


@pytest.mark.parametrize("moment", INSTANTS.values(), ids=INSTANTS)
def test_there_is_a_forecast_at_any_instant(moment: datetime, sold: IssuedLicense, set_clock: SetClock) -> None:
    set_clock(moment)
    present = months.month_of(moment)
    with inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        License.objects.update(spent=Decimal("1000.00"), spent_month=present)
    every = monthly(12)
    assert [cost.month for cost in every] == months.between(date(present.year - 1, present.month, 28), present)[-12:]
    [forecast] = trend.forecast(every)
    assert Decimal("1000.00") <= forecast.overage_cost <= Decimal("12000.00")
    assert 0 <= forecast.elapsed <= forecast.working_days


@pytest.mark.parametrize(
    ("day", "said"), [(1, "at the pace of the month before"), (10, "at the pace of 7 of 23 working days")]
)
def test_the_page_says_whose_pace_it_is(
    day: int, said: str, sold: IssuedLicense, set_clock: SetClock, mercedes_site: sites.Site
) -> None:
    set_clock(THREE_PAST.replace(day=day))
    with inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        owner = builders.person()
    mercedes_site.post("/login", {"email": owner.email, "password": cast.PASSWORD})
    assert said in mercedes_site.get("/costs").content.decode()
