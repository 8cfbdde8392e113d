"""The same request arrives twice, or one key comes with two requests."""

from __future__ import annotations

from tests import cast
from tests.races import asking
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.model import Checkout
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, check_out, check_out_once, sold


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
