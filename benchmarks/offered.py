"""Latency at a load that is offered whatever the server does: 1,000 operations a second, to 20 tenants and to one of them, and half
of what it can take at most.

The other half load is pgbench's, at half of its own best. Each counts from the instant at which an operation was due. Beside them
stands what the machine itself takes for an answer after a durable write (benchmarks/reference/floor.py).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from statistics import median

from benchmarks import pgbench
from benchmarks.rounds import SECONDS, goal, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import TWENTY, Scene, serving

FURNITURE = TWENTY
CONNECTIONS = 128
FLOOR = "benchmarks.reference.floor:application"

LOOKS = 3  # to find out where saturation is


def main(scene: Scene) -> bool:
    most = saturation(scene)
    clients, its_most = _best_of_pgbench(scene)
    with serving(FLOOR) as (port, _):
        offered = {
            "1,000 op/s offered": partial(over_http, at_rate(scene, 1000)),
            "1,000 op/s to one tenant": partial(over_http, replace(at_rate(scene, 1000), sites=scene.sites[:1])),
            f"half load, {most / 2:,.0f} op/s": partial(over_http, at_rate(scene, most / 2)),
            f"pgbench at half, {its_most / 2:,.0f} op/s": partial(pgbench.at_rate, scene, clients, its_most / 2),
            "the floor, 1,000 op/s": partial(over_http, replace(at_rate(scene, 1000), port=port)),
        }
        figures = interleaved(offered)
    for name, each in figures.items():
        told(name, each)
    thousand, to_one, half, its_half, floor = (figures[name]["p99_ms"] for name in offered)
    print(f"        p99 at 1,000 op/s, against the floor's: {thousand / floor:.1f} ×")
    return all([
        goal("p99 at 1,000 op/s", thousand, 8, at_least=False, unit=" ms"),
        goal("p99 at 1,000 op/s to one tenant", to_one, 8, at_least=False, unit=" ms"),
        goal("p99 at half load", half, 25, at_least=False, unit=" ms"),
        goal("p99 at half load, against pgbench's", half / its_half, 5, at_least=False, unit=" ×"),
    ])  # fmt: skip


def at_rate(scene: Scene, rate: float, seconds: float = SECONDS) -> Scenario:
    return Scenario(scene.port, scene.sites, connections=CONNECTIONS, seconds=seconds, warm_up=1, rate=rate)


def saturation(scene: Scene) -> float:
    """What it can take: operations a second in a closed loop."""
    closed = Scenario(scene.port, scene.sites, connections=CONNECTIONS, seconds=SECONDS)
    return float(median(over_http(closed)["ops"] for _ in range(LOOKS)))


def _best_of_pgbench(scene: Scene) -> tuple[int, float]:
    """With how many clients it does how much."""
    tried = {
        clients: median(pgbench.pgbench(scene, clients)["ops"] for _ in range(LOOKS)) for clients in pgbench.CLIENTS
    }
    return max(tried.items(), key=lambda one: one[1])
