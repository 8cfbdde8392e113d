"""A month ends between two calls of one transaction: each is billed in its month, and the new budget begins with the new month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.models import UsageRecord
from licensing import caps, grants
from licensing.models import License
from tenants.context import inside
from tests import builders, cast
from tests.races import asking, selling
from tests.races.clocks import clock_set_to
from tests.races.model import Checkout

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
PRICE = Decimal("500.00")


@pytest.mark.usefixtures("committed")
def test_what_is_spent_is_the_months_ledger_whenever_the_month_ends() -> None:
    with clock_set_to(DECEMBER - timedelta(days=1), ticking=True) as clock:
        terms = selling.terms_of("lic-1", total_licenses=50, commit_qty=0, max_overage=50, overage_per_use=PRICE)
        selling.tell(grants.provision, terms)
        with inside(asking.TENANT):
            caps.set_caps(builders.actor(), "lic-1", {"monthly_budget": 8 * PRICE})
        clock.set(DECEMBER - timedelta(microseconds=10))  # calls of one transaction are a microsecond apart
        answers = asking.together([Checkout(cast.DAVINCI.id) for _ in range(16)])
    with inside(asking.TENANT):
        months = [at.astimezone(UTC).month for at in UsageRecord.objects.values_list("at", flat=True)]
        license_ = License.objects.get()
    assert 11 in months
    assert months.count(12) <= 8
    assert months.count(11) <= 8
    assert (license_.spent_month, license_.spent) == (DECEMBER.date(), months.count(12) * PRICE)
    assert sum("refused" not in answer for answer in answers) == len(months) > 8, "each month has a budget of its own"
