"""A license is revoked: at one instant every lease of it that hasn't lapsed ends; what had lapsed by then stays lapsed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from licensing import grants
from licensing.models import Lease, License
from tenants.context import inside
from tests import cast
from tests.races import asking, selling
from tests.races.clocks import clock_set_to
from tests.races.model import Checkout

NINE = datetime(2026, 3, 30, 9, tzinfo=UTC)


@pytest.mark.usefixtures("committed")
def test_a_revoked_license_ends_its_leases_at_one_instant() -> None:
    with clock_set_to(NINE) as clock:
        terms = selling.terms_of("lic-1", total_licenses=3, commit_qty=1, max_overage=2)
        selling.tell(grants.provision, terms)
        asking.together([Checkout(cast.DAVINCI.id, ttl=ttl) for ttl in (60, 600, 900)])
        clock.jump(timedelta(minutes=5))
        selling.tell(grants.revoke, replace(terms, revision=2))
        at = clock.now()
    with inside(asking.TENANT):
        ends = list(Lease.objects.order_by("expires_at").values_list("ended_at", "ended_by"))
        license_ = License.objects.get()
    assert ends == [(NINE + timedelta(minutes=1), "expired"), (at, "revoked"), (at, "revoked")]
    assert (license_.status, license_.commit_in_use, license_.overage_in_use) == ("revoked", 0, 0)
