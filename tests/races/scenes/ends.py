"""Two ends of one lease meet: returned, taken back, revoked."""

from __future__ import annotations

from datetime import timedelta

from licensing import grants
from tests.races import asking
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, check_out, sold, told


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
