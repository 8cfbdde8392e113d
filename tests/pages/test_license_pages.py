"""What people see of their licenses, and what they do to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Role
from cloudlicenses.kit import clock
from cloudlicenses.web.seat_bars import WIDTH, blocks_of
from licensing import overview, queries
from licensing.models import Denial, Lease, License
from tenants import context
from tests import builders, cast, sites

SOLD = {
    "total_licenses": 20, "commit_qty": 5, "max_overage": 15,
    "overage_per_use": Decimal("500.00"), "commit_fee_monthly": Decimal("5000.00"),
}  # fmt: skip
HTMX = {"HX-Request": "true"}


def sold(license_id: str = "lic-1", **terms: Any) -> License:
    with context.inside(cast.MERCEDES.id):
        return builders.granted(license_id, **SOLD | terms)


def held(license_: License, number: int, *, overage: bool = False) -> None:
    now = clock.now()
    with context.inside(cast.MERCEDES.id):
        Lease.objects.bulk_create(
            Lease(
                id=f"lease-{license_.pk}-{overage}-{n}", license=license_, lease_type="overage" if overage else "commit",
                cost=Decimal(500 if overage else 0), currency="EUR", user=f"engineer{n}@mercedes-benz.com",
                hostname=f"dev-ws-{n:03}.mercedes.com", key_id="key-1", ttl_seconds=900, issued_at=now,
                expires_at=now + timedelta(minutes=10),
            )
            for n in range(number)
        )  # fmt: skip


def test_the_first_license_is_there_in_the_words_of_the_contract(owner: sites.Site):
    sold()
    page = owner.get("/").content.decode() + owner.get("/licenses/lic-1").content.decode()
    assert "DaVinci Configurator SE" in page
    assert "20 licenses (5 commit, 15 overage)" in page
    assert "Vector Informatik GmbH" in page
    assert "owner@mercedes-benz.com" in page


def test_seats_in_use_and_available_are_counted(owner: sites.Site):
    license_ = sold(spent=Decimal("2000.00"), spent_month=clock.today().replace(day=1))
    held(license_, 5)
    held(license_, 4, overage=True)
    for path in ("/", "/licenses"):
        assert "5 commit and 4 overage seats in use, 11 available" in owner.get(path).content.decode()
    assert "2,000.00\u00a0EUR" in owner.get("/licenses").content.decode()
    assert "2,000.00\u00a0EUR" in owner.get("/").content.decode()  # the month's cost so far


def test_what_was_spent_last_month_is_not_this_months(owner: sites.Site):
    sold(spent=Decimal("777.00"), spent_month=clock.today().replace(day=1) - timedelta(days=1))
    assert "777.00" not in owner.get("/").content.decode() + owner.get("/licenses").content.decode()


def test_a_contract_ends_on_its_last_day_and_a_suspended_license_has_nothing_free(owner: sites.Site):
    sold(ends_at=datetime(2099, 1, 1, tzinfo=UTC), status="suspended")
    for path in ("/licenses", "/licenses/lic-1"):
        page = owner.get(path).content.decode()
        assert "31 Dec 2098" in page
        assert "suspended" in page
        assert "0 available" in page


def test_an_empty_home_says_what_to_do(owner: sites.Site):
    page = owner.get("/").content.decode()
    assert "No licenses yet" in page
    assert "CUST-00001" in page


def test_a_license_shows_its_holders_denials_and_terms(owner: sites.Site):
    license_ = sold(version_constraint=">=8.0.0", features=["can_editor"])
    held(license_, 1, overage=True)
    with context.inside(cast.MERCEDES.id):
        Denial.objects.create(
            product_id=license_.product_id,
            license_id="lic-1",
            code="max_overage_exceeded",
            user="late@x.example",
            key_id="k",
        )
    page = owner.get("/licenses/lic-1").content.decode()
    for said in (
        "engineer0@mercedes-benz.com",
        "dev-ws-000.mercedes.com",
        "max_overage_exceeded",
        "late@x.example",
        "&gt;=8.0.0",
    ):
        assert said in page


def test_htmx_gets_the_piece_that_changes_and_nothing_else(owner: sites.Site):
    sold()
    for path, piece in (("/", 'id="now"'), ("/licenses", 'id="licenses"'), ("/licenses/lic-1", 'id="seats-in-use"')):
        answer = owner.get(path, headers=HTMX)
        root = answer.content.decode().strip().partition(">")[0]
        assert piece in root
        assert f'hx-get="{path}"' in root
        assert "<html" not in answer.content.decode()
        assert "HX-Request" in answer.headers["Vary"]


def test_another_tenants_license_is_not_there(owner: sites.Site):
    with context.inside(cast.BMW.id):
        builders.granted("lic-bmw", **SOLD)
    assert owner.get("/licenses/lic-bmw").status_code == 404
    assert b"lic-bmw" not in owner.get("/licenses").content


@pytest.mark.parametrize(("role", "sees_money"), [(Role.OWNER, True), (Role.FINANCE, True), (Role.VIEWER, False)])
def test_money_is_for_roles_that_may_read_costs(role: Role, sees_money: bool, at_mercedes: Any):
    sold()
    site = at_mercedes(role)
    assert (b"0.00\xc2\xa0EUR" in site.get("/licenses").content) is sees_money
    assert (b"5,000.00" in site.get("/licenses/lic-1").content) is sees_money
    assert (b"for each checkout" in site.get("/licenses/lic-1").content) is sees_money
    assert site.get("/costs").status_code == (200 if sees_money else 403)


def test_an_administrator_takes_a_seat_back_after_a_question(owner: sites.Site):
    license_ = sold(commit_in_use=1)
    held(license_, 1)
    lease_id = "lease-lic-1-False-0"
    question = owner.get(f"/leases/{lease_id}/take-back")
    assert b"engineer0@mercedes-benz.com loses it" in question.content
    assert owner.post(f"/leases/{lease_id}/take-back").headers["Location"] == "/licenses/lic-1"
    with context.inside(cast.MERCEDES.id):
        assert Lease.objects.get(pk=lease_id).ended_by == "taken_back"
        assert License.objects.get().commit_in_use == 0
    assert b"is free again" in owner.get("/licenses/lic-1").content


def test_a_viewer_takes_nothing_back(at_mercedes: Any):
    held(sold(commit_in_use=1), 1)
    viewer = at_mercedes(Role.VIEWER)
    assert viewer.post("/leases/lease-lic-1-False-0/take-back").status_code == 403
    with context.inside(cast.MERCEDES.id):
        assert Lease.objects.get().ended_at is None
    assert b"Take back" not in viewer.get("/licenses/lic-1").content


@pytest.mark.parametrize(("commit", "overage", "blocks"), [(5, 15, 20), (200, 50, 4)])
def test_the_bar_shows_each_seat_or_when_there_are_many_each_kind(commit: int, overage: int, blocks: int):
    drawn = blocks_of(commit_held=5, commit_qty=commit, overage_held=2, max_overage=overage)
    assert len(drawn) == blocks
    assert sum(float(block.width) for block in drawn) <= WIDTH
    assert float(drawn[-1].x) + float(drawn[-1].width) == pytest.approx(WIDTH, abs=10)


LIMITS = {"max_in_use": "8", "max_overage": "3", "monthly_budget": "1500.00"}


def test_an_administrator_sets_limits_below_the_contract_and_lifts_them(owner: sites.Site):
    sold()
    assert owner.post("/licenses/lic-1/limits", LIMITS).headers["Location"] == "/licenses/lic-1"
    page = owner.get("/licenses/lic-1").content.decode()
    assert "<strong>8</strong>" in page
    assert "of 20 sold" in page
    assert "1,500.00\u00a0EUR" in page
    owner.post("/licenses/lic-1/limits", {})
    with context.inside(cast.MERCEDES.id):
        assert License.objects.values_list("cap_in_use", "cap_overage", "monthly_budget").get() == (None, None, None)


def test_limits_above_the_contract_come_back_to_their_fields(owner: sites.Site):
    sold()
    answer = owner.post("/licenses/lic-1/limits", LIMITS | {"max_in_use": "21"})
    assert answer.status_code == 422
    assert b"The contract allows 20; a cap can only be lower." in answer.content
    for wrong in ({"max_in_use": "-1"}, {"monthly_budget": "a lot"}, {"max_overage": "9" * 30}):
        assert owner.post("/licenses/lic-1/limits", wrong).status_code == 422
    with context.inside(cast.MERCEDES.id):
        assert License.objects.get().cap_in_use is None


def test_limits_below_what_is_in_use_say_what_follows(owner: sites.Site):
    held(sold(), 5)
    page = owner.post("/licenses/lic-1/limits", {"max_in_use": "3"}, follow=True).content.decode()
    assert "5 seats are in use and 3 allowed from now on: nobody loses a seat" in page
    assert "0 available" in page


AFFORDED: tuple[tuple[dict[str, Any], int], ...] = (
    ({"monthly_budget": Decimal(0)}, 5), ({"monthly_budget": Decimal(1499)}, 7), ({"monthly_budget": Decimal(1500)}, 8),
    ({"monthly_budget": Decimal(90_000)}, 20), ({"monthly_budget": Decimal(1500), "spent": Decimal(1000)}, 6),
    ({"monthly_budget": Decimal(1500), "spent": Decimal(2000)}, 5), ({"monthly_budget": Decimal(0), "overage_per_use": 0}, 20),
    ({"monthly_budget": Decimal(1500), "cap_overage": 2}, 7), ({}, 20),
)  # fmt: skip


@pytest.mark.parametrize(("terms", "available"), AFFORDED)
def test_what_the_budget_does_not_pay_for_is_not_available(terms: dict[str, Any], available: int, db: None):
    """As the seat rule grants it, on the license's page as at the tenant's glance."""
    sold(**{"spent_month": clock.today().replace(day=1), "spent": 0} | terms)
    with context.inside(cast.MERCEDES.id):
        assert queries.free_seats(queries.license_for("lic-1")) == available
        assert overview.at_a_glance(1).free == available


def test_what_was_spent_in_another_month_leaves_the_budget_whole(db: None):
    sold(monthly_budget=Decimal(1000), spent=Decimal(1000), spent_month=date(2020, 1, 1))
    with context.inside(cast.MERCEDES.id):
        assert queries.free_seats(queries.license_for("lic-1")) == overview.at_a_glance(1).free == 7


def test_a_budget_that_is_spent_already_is_told(owner: sites.Site):
    sold(spent_month=clock.today().replace(day=1), spent=Decimal(1000))
    page = owner.post("/licenses/lic-1/limits", {"monthly_budget": "500"}, follow=True).content.decode()
    assert "The budget of this month is spent: checkouts beyond the commit are refused until it is over." in page


def test_licenses_are_found_by_word_vendor_and_state(owner: sites.Site):
    sold()
    sold("lic-2", product=cast.MULTI, status="suspended")
    sold("lic-3", ends_at=clock.now() - timedelta(days=1))
    sold("lic-4", starts_at=clock.now() + timedelta(days=1))

    def found(query: str) -> list[str]:
        page = owner.get(f"/licenses?{query}").content.decode()
        return [f"lic-{number}" for number in range(1, 5) if f'href="/licenses/lic-{number}"' in page]

    assert found("") == found("state=nonsense&vendor=%00") == ["lic-1", "lic-2", "lic-3", "lic-4"]
    assert found("q=multi") == found(f"vendor={cast.GREENHILLS.id}") == found("state=suspended") == ["lic-2"]
    assert found("state=expired") == ["lic-3"]
    assert found("state=not_started") == ["lic-4"]
    assert found("state=active&q=vector") == ["lic-1"]
    assert b"No license fits all of this" in owner.get("/licenses?q=nothing").content


def test_a_refusal_names_the_product_as_people_do(owner: sites.Site):
    """By its name where there is a license of it, by the id that was asked for otherwise."""
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
        for product_id, license_id in ((cast.DAVINCI.id, "lic-1"), ("no-such-product", "")):
            Denial.objects.create(
                product_id=product_id, license_id=license_id, code="no_licenses_available", user="anna", key_id="key-1"
            )
    for path in ("/", "/usage"):
        page = owner.get(path).content.decode()
        assert f'title="{cast.DAVINCI.id}">{cast.DAVINCI.name}<' in page
        assert "<code>no-such-product</code>" in page


@pytest.mark.parametrize(("role", "is_shown"), [(Role.LICENSE_ADMIN, True), (Role.VIEWER, False)])
def test_what_was_changed_about_a_license_is_a_link_away(role: Role, is_shown: bool, at_mercedes: Any):
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")
    assert ('href="/audit?q=lic-1"' in at_mercedes(role).get("/licenses/lic-1").content.decode()) is is_shown
