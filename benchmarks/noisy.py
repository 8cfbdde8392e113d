"""20 tenants at half load; one of them goes to ten times its share, and the others must not feel it."""

from __future__ import annotations

from functools import partial

from benchmarks.offered import saturation
from benchmarks.rounds import SECONDS, Figures, goal, in_background, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import TWENTY, Scene

FURNITURE = TWENTY
TIMES = 10


def main(scene: Scene) -> bool:
    share = saturation(scene) / 2 / len(scene.sites)
    figures = interleaved({
        f"one of 20 at {times} × its share": partial(_of_the_others, scene, share, times) for times in (1, TIMES)
    })  # fmt: skip
    for name, each in figures.items():
        told(f"the others, {name}", each)
    calm, noisy = (each["p99_ms"] for each in figures.values())
    return goal("the others' p99, of what it was", noisy / calm, 1.25, at_least=False, unit=" ×")


def _of_the_others(scene: Scene, share: float, times: float) -> Figures:
    """What 19 tenants see while the first asks `times` its share, from a process of its own."""
    noise = Scenario(scene.port, scene.sites[:1], connections=64, seconds=SECONDS + 2, rate=share * times)
    quiet = Scenario(
        scene.port, scene.sites[1:], connections=64, seconds=SECONDS, warm_up=1, rate=share * (len(scene.sites) - 1)
    )
    with in_background(noise):
        return over_http(quiet)
