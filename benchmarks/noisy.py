"""20 tenants at half load; one of them goes to ten times its share, and the others must not feel it.

Beside it stands, without a goal, what a rush of another kind does at a smaller load: one of them asks as fast as it is answered.
"""

from __future__ import annotations

from functools import partial

from benchmarks.offered import saturation
from benchmarks.rounds import SECONDS, Figures, goal, in_background, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import TWENTY, Scene

FURNITURE = TWENTY
TIMES = 10
WITHOUT_END = 0.0  # asks again as soon as it is answered
RUSHING_CONNECTIONS = 128
CALM = 1 / 3  # of half load: the others' beside a rush without end


def main(scene: Scene) -> bool:
    share = saturation(scene) / 2 / len(scene.sites)
    figures = interleaved({
        "one of 20 at its share": partial(_of_the_others, scene, share, share),
        f"one of 20 at {TIMES} × its share": partial(_of_the_others, scene, share, share * TIMES),
        "a third of that load": partial(_of_the_others, scene, share * CALM, share * CALM),
        "beside one as fast as it can": partial(_of_the_others, scene, share * CALM, WITHOUT_END, RUSHING_CONNECTIONS),
    })  # fmt: skip
    for name, each in figures.items():
        told(f"the others, {name}", each)
    calm, noisy, calmer, rushed = (each["p99_ms"] for each in figures.values())
    print(f"        the others' p99 beside one as fast as it can: {rushed / calmer:.1f} × what it was")
    return goal("the others' p99, of what it was", noisy / calm, 1.25, at_least=False, unit=" ×")


def _of_the_others(scene: Scene, share: float, rush: float, connections: int = 64) -> Figures:
    """What 19 tenants see, at their `share` each, while the first asks `rush` times a second, from a process of its own."""
    noise = Scenario(scene.port, scene.sites[:1], connections=connections, seconds=SECONDS + 2, rate=rush)
    quiet = Scenario(
        scene.port, scene.sites[1:], connections=64, seconds=SECONDS, warm_up=1, rate=share * (len(scene.sites) - 1)
    )
    with in_background(noise):
        return over_http(quiet)
