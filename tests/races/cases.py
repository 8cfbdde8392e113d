"""Small scenes in which things meet at the last seat. Each sets the scene and says who does what; nobody has begun yet.

Prices and quantities are as small as they can be, so that any mistake changes an answer or the books.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from licensing import caps, grants
from tenants.context import inside
from tests import builders, cast
from tests.races import asking, selling
from tests.races.clocks import Clock
from tests.races.interleaving import Alone, Parts, Step
from tests.races.model import Answer, Checkout, Heartbeat, Return

Scene = Callable[[Clock], Parts]
PRICE = Decimal("500.00")
ONE_SEAT = {"total_licenses": 1, "commit_qty": 1, "max_overage": 0}
COMMIT_AND_OVERAGE = {"total_licenses": 2, "commit_qty": 1, "max_overage": 1}


# The last seat.


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


# Time.


def a_lapsed_seat_is_wanted_and_swept(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    check_out()
    clock.jump(timedelta(hours=1))
    return {"anna": [check_out], "sweep": [asking.sweep]}


def a_seat_lapses_while_it_is_wanted_and_swept(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    check_out()
    return {"anna": [check_out], "sweep": [asking.sweep], "time": an_hour(clock)}


def two_sweeps_meet(clock: Clock) -> Parts:
    sold("lic-a", **ONE_SEAT)
    sold("lic-b", **ONE_SEAT)
    check_out()
    check_out()
    clock.jump(timedelta(hours=1))
    return {"one": [asking.sweep], "other": [asking.sweep], "anna": [check_out]}


def a_sweep_and_a_checkout_meet_over_two_licenses(clock: Clock) -> Parts:
    """One of the two is held by somebody else meanwhile: who waits for it must not hold the other."""
    sold("lic-a", **ONE_SEAT)
    sold("lic-b", **ONE_SEAT)
    check_out()
    held = check_out()["lease_id"]
    clock.jump(timedelta(hours=1))
    return {"anna": [check_out], "sweep": [asking.sweep], "holder": [lambda: asking.end(held)]}


def a_heartbeat_comes_as_the_lease_lapses_and_is_swept(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.heartbeat(held)], "sweep": [asking.sweep], "time": an_hour(clock)}


def a_heartbeat_comes_as_the_lease_lapses_and_its_seat_is_wanted(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.heartbeat(held)], "anna": [check_out], "time": an_hour(clock)}


def a_lease_is_returned_as_it_lapses_and_is_swept(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.end(held)], "sweep": [asking.sweep], "time": an_hour(clock)}


# Ends that meet.


def a_lease_is_returned_and_taken_back(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.end(held)], "admin": [lambda: asking.take_back(held)]}


def a_lease_is_returned_twice_while_another_wants_its_seat(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.end(held)], "again": [lambda: asking.end(held)], "anna": [check_out]}


def a_lease_is_kept_alive_and_taken_back(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    held = check_out()["lease_id"]
    clock.jump(timedelta(minutes=5))
    return {"holder": [lambda: asking.heartbeat(held)], "admin": [lambda: asking.take_back(held)]}


def a_lease_is_returned_and_its_license_revoked(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    return {"holder": [lambda: asking.end(held)], "vendor": [told(grants.revoke, terms)]}


def a_lease_is_kept_alive_and_its_license_revoked(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    clock.jump(timedelta(minutes=5))
    return {"holder": [lambda: asking.heartbeat(held)], "vendor": [told(grants.revoke, terms)]}


# Terms that change.


def a_seat_is_wanted_while_the_vendor_takes_it_out_of_the_contract(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "vendor": [told(grants.amend, terms, **ONE_SEAT)]}


def a_seat_is_wanted_while_the_vendor_adds_one_and_raises_the_price(clock: Clock) -> Parts:
    terms = sold(total_licenses=1, commit_qty=0, max_overage=1)
    check_out()
    more = told(grants.amend, terms, total_licenses=2, max_overage=2, overage_per_use=PRICE * 2)
    return {"anna": [check_out], "bert": [check_out], "vendor": [more]}


def a_seat_is_wanted_while_the_license_is_suspended_and_resumed(clock: Clock) -> Parts:
    terms = sold(**ONE_SEAT)
    back = replace(terms, revision=terms.revision + 1)
    return {"anna": [check_out], "vendor": [told(grants.suspend, terms), told(grants.resume, back)]}


def a_seat_is_wanted_while_the_license_is_suspended(clock: Clock) -> Parts:
    return {"anna": [check_out], "vendor": [told(grants.suspend, sold(**ONE_SEAT))]}


def a_seat_is_wanted_while_the_license_is_revoked(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "vendor": [told(grants.revoke, terms)]}


def a_seat_is_wanted_while_the_customer_caps_it(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "customer": [lambda: set_caps(terms, max_in_use=1)]}


# The same request twice.


def one_request_is_sent_twice(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    return {"first": [check_out_once], "again": [check_out_once]}


def one_request_is_sent_twice_for_a_seat_that_another_wants(clock: Clock) -> Parts:
    sold(**ONE_SEAT)
    return {"first": [check_out_once], "again": [check_out_once], "bert": [check_out]}


def one_key_is_used_for_two_requests(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    other = Checkout(cast.DAVINCI.id, user="bert", idempotency_key="once")
    return {"first": [check_out_once], "other": [lambda: asking.checkout(other)]}


def one_request_for_what_is_not_licensed_is_sent_twice(clock: Clock) -> Parts:
    """There is no license to be locked."""
    return {"first": [check_out_once], "again": [check_out_once]}


def one_key_is_used_for_two_products(clock: Clock) -> Parts:
    """Nor one that both would lock."""
    sold(**ONE_SEAT)
    other = Checkout(cast.MULTI.id, idempotency_key="once")
    return {"first": [check_out_once], "other": [lambda: asking.checkout(other)]}


# Several calls in one transaction.


def two_batches_meet_at_one_license(clock: Clock) -> Parts:
    sold(**COMMIT_AND_OVERAGE)
    held = check_out()["lease_id"]
    swap = [Return(held), Checkout(cast.DAVINCI.id)]
    return {
        "one": [lambda: asking.together(swap)],
        "other": [lambda: asking.together([Heartbeat(held), Checkout(cast.DAVINCI.id)])],
    }


def batches_over_two_licenses_meet_in_opposite_order(clock: Clock) -> Parts:
    """A third holds one of the two meanwhile: who waits for it must not hold the other."""
    sold("lic-a", **COMMIT_AND_OVERAGE)
    sold("lic-b", cast.MULTI, **COMMIT_AND_OVERAGE)
    davinci, multi = Checkout(cast.DAVINCI.id), Checkout(cast.MULTI.id)
    return {
        "one": [lambda: asking.together([davinci, multi])],
        "other": [lambda: asking.together([multi, davinci])],
        "holder": [lambda: asking.checkout(multi)],
    }


def batches_of_returns_and_checkouts_meet_crosswise(clock: Clock) -> Parts:
    sold("lic-a", **ONE_SEAT)
    sold("lic-b", cast.MULTI, **ONE_SEAT)
    a, b = (asking.checkout(Checkout(ware.id))["lease_id"] for ware in (cast.DAVINCI, cast.MULTI))
    return {
        "one": [lambda: asking.together([Return(a), Checkout(cast.MULTI.id)])],
        "other": [lambda: asking.together([Return(b), Checkout(cast.DAVINCI.id)])],
        "holder": [lambda: asking.heartbeat(b)],
    }


def heartbeats_of_lapsed_leases_meet_their_reclaim(clock: Clock) -> Parts:
    """A batch of heartbeats holds a lapsed lease that a checkout reclaims, and wants one that the checkout's batch holds."""
    sold(total_licenses=2, commit_qty=2, max_overage=0)
    lapsing, living = sorted((check_out()["lease_id"], check_out()["lease_id"]))
    clock.jump(timedelta(minutes=10))
    asking.heartbeat(living)
    clock.jump(timedelta(minutes=10))
    return {
        "one": [lambda: asking.together([Heartbeat(living), Checkout(cast.DAVINCI.id), Checkout(cast.DAVINCI.id)])],
        "other": [lambda: asking.together([Heartbeat(lapsing), Heartbeat(living)])],
        "third": [lambda: asking.heartbeat(living)],
    }


STABLE: tuple[Scene, ...] = (  # the terms stay: so every instant can be held against them
    two_want_the_last_seat,
    three_want_the_last_commit_and_the_last_overage_seat,
    two_want_the_last_seat_of_two_licenses,
    one_wants_the_seat_that_another_returns,
    two_want_the_seat_that_another_returns,
    a_commit_seat_is_returned_while_two_are_checked_out,
    the_budget_is_for_one_of_two,
    a_lapsed_seat_is_wanted_and_swept,
    a_seat_lapses_while_it_is_wanted_and_swept,
    two_sweeps_meet,
    a_sweep_and_a_checkout_meet_over_two_licenses,
    a_heartbeat_comes_as_the_lease_lapses_and_is_swept,
    a_heartbeat_comes_as_the_lease_lapses_and_its_seat_is_wanted,
    a_lease_is_returned_as_it_lapses_and_is_swept,
    a_lease_is_returned_and_taken_back,
    a_lease_is_returned_twice_while_another_wants_its_seat,
    a_lease_is_kept_alive_and_taken_back,
    a_lease_is_returned_and_its_license_revoked,
    a_lease_is_kept_alive_and_its_license_revoked,
    a_seat_is_wanted_while_the_license_is_suspended_and_resumed,
    a_seat_is_wanted_while_the_license_is_suspended,
    a_seat_is_wanted_while_the_license_is_revoked,
    a_seat_is_wanted_while_the_customer_caps_it,
    one_request_is_sent_twice,
    one_request_is_sent_twice_for_a_seat_that_another_wants,
    one_key_is_used_for_two_requests,
    one_request_for_what_is_not_licensed_is_sent_twice,
    one_key_is_used_for_two_products,
    two_batches_meet_at_one_license,
    batches_over_two_licenses_meet_in_opposite_order,
    batches_of_returns_and_checkouts_meet_crosswise,
    heartbeats_of_lapsed_leases_meet_their_reclaim,
)
AMENDED: tuple[Scene, ...] = (
    a_seat_is_wanted_while_the_vendor_takes_it_out_of_the_contract,
    a_seat_is_wanted_while_the_vendor_adds_one_and_raises_the_price,
)


# What they do.


def check_out() -> Answer:
    return asking.checkout(Checkout(cast.DAVINCI.id))


def check_out_once() -> Answer:
    return asking.checkout(Checkout(cast.DAVINCI.id, idempotency_key="once"))


def sold(license_id: str = "lic-1", ware: cast.Ware = cast.DAVINCI, **terms: Any) -> grants.Terms:
    given = selling.terms_of(license_id, ware, **{"overage_per_use": PRICE} | terms)
    selling.tell(grants.provision, given)
    return given


def told(change: Any, terms: grants.Terms, **changes: Any) -> Step:
    later = replace(terms, **changes, revision=terms.revision + 1)
    return lambda: selling.tell(change, later)


def set_caps(terms: grants.Terms, **limits: Any) -> None:
    with inside(asking.TENANT):
        caps.set_caps(builders.actor(), terms.id, limits)


def an_hour(clock: Clock) -> Alone:
    return Alone(lambda: clock.jump(timedelta(hours=1)))
