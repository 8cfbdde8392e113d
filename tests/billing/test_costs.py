"""`GET /api/v1/costs`: a customer sees to the cent what its vendors bill, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts import tokens
from accounts.models import Role
from cloudlicenses.kit import jsonmoney
from tenants.context import inside
from tests import builders, cast
from tests.billing import history
from tests.sites import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november")]


def ask(
    site: Site, query: str = "period=2025-11", *, role: Role = Role.FINANCE, tenant_id: str = cast.MERCEDES.id
) -> Any:
    with inside(tenant_id):
        person = builders.person(role=role)
        _, token = tokens.issue(person, "costs", actor=builders.actor())
    return site.ask("GET", f"/api/v1/costs?{query}", key=token)


@pytest.fixture
def story() -> None:
    """Mercedes uses a product of each vendor; BMW uses one too."""
    license = history.sold(to=history.customer())
    history.checkouts(license, 5, kind="commit")
    history.checkouts(license, 44)
    other = history.customer("C-1", vendor_id=cast.GREENHILLS.id)
    history.checkouts(history.sold("lic-2", to=other, product=cast.MULTI, commit_fee_monthly=8000), 0)
    bmw = history.customer("ACC-54321", cast.BMW.company_name, tenant_id=cast.BMW.id)
    history.checkouts(history.sold("lic-3", to=bmw), 12)
    with inside(cast.MERCEDES.id):
        builders.granted("lic-1")


def test_the_month_by_vendor_and_product(mercedes_site: Site, story: None) -> None:
    answer = ask(mercedes_site)
    assert answer.status_code == 200
    document = jsonmoney.loads(answer.content)
    vector = next(vendor for vendor in document["vendors"] if vendor["vendor_id"] == cast.VECTOR.id)
    assert vector == {
        "vendor_id": "vector-de",
        "vendor_name": "Vector Informatik GmbH",
        "products": [
            {
                "product_id": "davinci-configurator-se",
                "product_name": "DaVinci Configurator SE",
                "license_ids": ["lic-1"],
                "commit_checkouts": 5,
                "overage_checkouts": 44,
                "overage_cost": Decimal("22000.00"),
                "commit_fee": Decimal("5000.00"),
                "total_cost": Decimal("27000.00"),
                "currency": "EUR",
            }
        ],
    }
    assert [vendor["vendor_id"] for vendor in document["vendors"]] == [cast.VECTOR.id, cast.GREENHILLS.id]
    assert document["totals"]["total_cost"] == Decimal("35000.00")


def test_the_other_customer_sees_its_own(bmw_site: Site, story: None) -> None:
    document = ask(bmw_site, tenant_id=cast.BMW.id).json()
    assert [vendor["vendor_id"] for vendor in document["vendors"]] == [cast.VECTOR.id]
    assert document["totals"]["total_cost"] == 11000.0


def test_without_a_month_it_is_the_present_one(mercedes_site: Site, story: None) -> None:
    assert ask(mercedes_site, "").json()["period"] == "2025-11"


def test_a_month_without_facts_costs_nothing(mercedes_site: Site, story: None) -> None:
    document = ask(mercedes_site, "period=2025-09").json()
    assert (document["vendors"], document["totals"], document["totals_by_currency"]) == ([], None, [])


@pytest.mark.parametrize("period", ["2025-13", "2025", "0000-01", "9999-12", "x", "2025-11-01", "%00"])
def test_what_is_no_month_is_refused(mercedes_site: Site, period: str) -> None:
    answer = ask(mercedes_site, f"period={period}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["period"]


def test_a_viewer_sees_no_costs(mercedes_site: Site, story: None) -> None:
    assert ask(mercedes_site, role=Role.VIEWER).json()["code"] == "role_not_allowed"


def test_an_applications_key_sees_no_costs(mercedes_site: Site, story: None) -> None:
    with inside(cast.MERCEDES.id):
        key = builders.tenant_key(scopes=("license:read",))
    assert mercedes_site.ask("GET", "/api/v1/costs", key=key).status_code == 403


def test_checkouts_of_the_next_month_are_not_in_it(mercedes_site: Site) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 1, at=datetime(2025, 12, 1, tzinfo=UTC))
    assert ask(mercedes_site).json()["totals"]["overage_checkouts"] == 0
