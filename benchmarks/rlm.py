"""The load that RLM Cloud publishes for one machine: 350 customers, 44,500 leases held, 189 checkouts and 189 returns a second.

Those customers hold leases for two hours, fifteen or two minutes; what that mix comes to in steady state is replayed at its real
rate: so many leases stay held, the oldest is returned for each one checked out. Then the rate rises as long as p99 stays in bounds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from benchmarks.offered import saturation
from benchmarks.rounds import ROUNDS, SECONDS, Figures, goal, interleaved, over_http, strange, told
from benchmarks.scenario import Scenario
from benchmarks.scene import THOUSAND, Scene

FURNITURE = THOUSAND
CUSTOMERS, HELD, PER_SECOND, SLOWEST_MS = 350, 44_500, 2 * 189, 50.0
SHARES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)  # of saturation, from the top


def main(scene: Scene) -> bool:
    theirs = Scenario(
        scene.port,
        scene.sites[:CUSTOMERS],
        connections=128,
        seconds=SECONDS * ROUNDS,
        rate=PER_SECOND,
        hold=HELD,
        fill=True,
    )
    figures = over_http(theirs)
    told(f"{PER_SECOND} op/s offered, {HELD:,} held", figures)
    is_met = goal("p99 of RLM Cloud's load", figures["p99_ms"], SLOWEST_MS, at_least=False, unit=" ms")
    reached = _most_within_bounds(replace(theirs, seconds=SECONDS, hold=0, fill=False), saturation(scene))
    print(f"        with p99 ≤ {SLOWEST_MS:.0f} ms: {reached:,.0f} op/s, {reached / PER_SECOND:.1f} × their load")
    return is_met and not strange(figures)


def _most_within_bounds(scenario: Scenario, saturated: float) -> float:
    for share in SHARES:
        rate = share * saturated
        (seen,) = interleaved({"": partial(over_http, replace(scenario, rate=rate))}).values()
        if _is_sustained(seen, rate):
            return rate
    return 0.0


def _is_sustained(seen: Figures, rate: float) -> bool:
    return bool(seen["p99_ms"] <= SLOWEST_MS and seen["ops"] >= 0.95 * rate)
