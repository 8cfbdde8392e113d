"""Pools of 100 to 100,000 seats, nearly all of them taken: what a checkout costs must not depend on how many seats there are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from benchmarks.rounds import SECONDS, goal, interleaved, over_http, spread, told
from benchmarks.scenario import Scenario
from benchmarks.scene import Furniture, Scene

POOLS = (100, 1_000, 10_000, 100_000)
FURNITURE = Furniture(tenants=len(POOLS))
CONNECTIONS = 32  # each holds a seat at most
FREE = 2 * CONNECTIONS


def main(scene: Scene) -> bool:
    contestants = {}
    for number, seats in enumerate(POOLS):
        _take_nearly_all(scene, number, seats)
        contestants[f"{seats:,} seats"] = partial(over_http, _of_pool(scene, number))
    figures = interleaved(contestants)
    for name, each in figures.items():
        told(name, each)
    return all([
        goal("slowest pool's throughput, of the fastest's", 1 / spread(figures, "ops"), 0.90, at_least=True),
        goal("worst pool's p99, of the best's", spread(figures, "p99_ms"), 1.25, at_least=False, unit=" ×"),
    ])  # fmt: skip


def _take_nearly_all(scene: Scene, number: int, seats: int) -> None:
    """Each pool in a tenant of its own; its seats are taken by checkouts like any other."""
    from licensing.models import License
    from tenants.context import inside

    with inside(scene.tenants[number]):
        License.objects.update(total_licenses=seats, commit_qty=seats)
    over_http(replace(_of_pool(scene, number), hold=seats - FREE, fill=True, seconds=0, warm_up=0))


def _of_pool(scene: Scene, number: int) -> Scenario:
    return Scenario(scene.port, [scene.sites[number]], connections=CONNECTIONS, seconds=SECONDS)
