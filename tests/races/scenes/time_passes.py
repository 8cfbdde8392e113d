"""Leases lapse while somebody wants, keeps, returns or sweeps them."""

from __future__ import annotations

from datetime import timedelta

from tests.races import asking
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, an_hour, check_out, sold


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
