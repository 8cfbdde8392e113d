"""Several want the last seat, or the one that comes back."""

from __future__ import annotations

from decimal import Decimal

from tests.races import asking
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, PRICE, check_out, set_caps, sold


def two_want_the_last_seat(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    return {"anna": [check_out], "bert": [check_out]}


def three_want_the_last_commit_and_the_last_overage_seat(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    return {"anna": [check_out], "bert": [check_out], "carl": [check_out]}


def two_want_the_last_seat_of_two_licenses(clock: Clock) -> Parts:
    sold("lic-a", **ONE_SEAT, overage_per_use=Decimal("1.00"))
    sold("lic-b", **COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "bert": [check_out]}


def one_wants_the_seat_that_another_returns(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    return {"anna": [check_out], "holder": [lambda: asking.end(held)]}


def two_want_the_seat_that_another_returns(clock: Clock) -> Parts:
    """Whoever waited for the other must not be told an instant from before the seat came back."""
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    return {"anna": [check_out], "bert": [check_out], "holder": [lambda: asking.end(held)]}


def a_commit_seat_is_returned_while_two_are_checked_out(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    return {"anna": [check_out], "bert": [check_out], "holder": [lambda: asking.end(held)]}


def the_budget_is_for_one_of_two(clock: Clock) -> Parts:
    terms = sold(total_licenses=3, commit_qty=0, max_overage=3)
    set_caps(terms, monthly_budget=PRICE)
    return {"anna": [check_out], "bert": [check_out]}
