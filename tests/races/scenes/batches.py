"""Transactions of several calls meet."""

from __future__ import annotations

from datetime import timedelta

from tests import cast
from tests.races import asking
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.model import Checkout, Heartbeat, Return
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, check_out, sold


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
