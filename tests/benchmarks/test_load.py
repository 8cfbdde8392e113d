"""The load generator tells the truth: about stalls, about refusals, and it leaves the seats as it found them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.rounds import Figures, over_http
from benchmarks.scenario import Scenario, Site
from tests.benchmarks.stand_in import StandIn, standing_in

SITE = Site("mercedes.localhost", "clsk_mercedes_key", ["product-1"])
RATE = 40.0


@pytest.fixture
def server() -> Iterator[StandIn]:
    with standing_in() as standing:
        yield standing


def load(server: StandIn, **how: float) -> Figures:
    usual = {"connections": 4, "seconds": 1.0, "warm_up": 0.2}
    return over_http(Scenario(server.port, [SITE], **usual | how))


def test_a_closed_loop_checks_out_and_returns_in_turn(server: StandIn):
    figures = load(server)
    statuses = figures["statuses"]
    assert set(statuses) == {"200", "201"}
    assert abs(statuses["200"] - statuses["201"]) <= 4
    assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]


@pytest.mark.parametrize("rate", [0.0, RATE])
def test_every_seat_is_given_back_at_the_end(server: StandIn, rate: float):
    load(server, rate=rate)
    assert server.granted > 0
    assert server.held == set()


def test_held_leases_stay_held(server: StandIn):
    load(server, hold=30, fill=True)
    assert len(server.held) == 30


def test_a_stall_counts_for_everybody_who_was_due_in_it(server: StandIn):
    """Of 120 requests 24 are due while nobody is answered; a loop that waited for its answers would have sent and counted four."""
    server.stall = (20, 0.6)
    figures = load(server, rate=RATE, warm_up=0.0, seconds=3.0)
    assert figures["p90_ms"] > 200
    assert figures["max_ms"] > 500


def test_an_open_loop_offers_what_it_was_told(server: StandIn):
    """As many fell due, whether or not a busy machine answered all of them in time."""
    figures = load(server, rate=RATE, seconds=3.0)
    assert sum(figures["statuses"].values()) + figures["unsent"] == pytest.approx(3 * RATE, rel=0.35)


def test_refusals_are_no_operations_and_need_a_time_to_come_again(server: StandIn):
    server.shed = {"Retry-After": "1"}
    assert load(server)["statuses"].keys() == {"503"}
    assert load(server)["ops"] == 0
    server.shed = {}
    assert load(server)["statuses"].keys() == {"503", "503 without Retry-After"}
