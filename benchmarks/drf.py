"""20 tenants with 5 licenses each: the plane against an endpoint in Django REST framework and the ORM (benchmarks/reference)."""

from __future__ import annotations

from functools import partial

from benchmarks.rounds import SECONDS, goal, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import TWENTY, Scene, serving

FURNITURE = TWENTY
REFERENCE = "benchmarks.reference.asgi:application"  # served in the same way
CONNECTIONS = (8, 32, 128)  # the reference is at its best with few


def main(scene: Scene) -> bool:
    with serving(REFERENCE) as (port, _):
        ports = {"the plane": scene.port, "the reference": port}
        figures = interleaved({
            f"{name}, {count} connections": partial(
                over_http, Scenario(ports[name], scene.sites, connections=count, seconds=SECONDS)
            )
            for name in ports
            for count in CONNECTIONS
        })  # fmt: skip
    for name, each in figures.items():
        told(name, each)
    best = {name: max(each["ops"] for label, each in figures.items() if label.startswith(name)) for name in ports}
    return goal("against the reference", best["the plane"] / best["the reference"], 20, at_least=True, unit=" ×")
