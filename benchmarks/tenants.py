"""10, 100 and 1,000 tenants in use, drawn by Zipf, of the thousand that are there: the crowd must not slow anybody down.

Everybody has been met before it counts: what a tenant's first call costs, whose plans are to be made, is told beforehand.
"""

from __future__ import annotations

from functools import partial

from benchmarks.rounds import SECONDS, goal, interleaved, over_http, spread, told
from benchmarks.scenario import Scenario
from benchmarks.scene import THOUSAND, Scene

FURNITURE = THOUSAND
ACTIVE = (10, 100, 1_000)
CONNECTIONS, EXPONENT = 128, 1.1
TO_MEET_ALL_SECONDS = 20.0


def main(scene: Scene) -> bool:
    first = Scenario(scene.port, scene.sites, connections=CONNECTIONS, seconds=TO_MEET_ALL_SECONDS)
    told("the thousand for the first time", over_http(first))
    figures = interleaved({
        f"{count:,} tenants": partial(
            over_http,
            Scenario(scene.port, scene.sites[:count], connections=CONNECTIONS, seconds=SECONDS, zipf=EXPONENT),
        )
        for count in ACTIVE
    })  # fmt: skip
    for name, each in figures.items():
        told(name, each)
    return goal("slowest's throughput, of the fastest's", 1 / spread(figures, "ops"), 0.90, at_least=True)
