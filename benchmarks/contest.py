"""Ours over HTTP at 32 and 128 connections and pgbench at 1, 8 and 32 clients, in turn: our better figure over its best."""

from __future__ import annotations

from functools import partial

from benchmarks import pgbench
from benchmarks.rounds import SECONDS, goal, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import Scene

CONNECTIONS = (32, 128)


def against_pgbench(scene: Scene, what: str, *, at_least: float) -> bool:
    """Prints every contestant, the ratio with its goal, and the ratio to what batches of 64 could reach at most."""
    ours = {
        f"HTTP, {count} connections": partial(
            over_http, Scenario(scene.port, scene.sites, connections=count, seconds=SECONDS)
        )
        for count in CONNECTIONS
    }
    theirs = {f"pgbench, {count} clients": partial(pgbench.pgbench, scene, count) for count in pgbench.CLIENTS}
    ceiling = f"pgbench, {pgbench.TOGETHER} a transaction"
    asides = {ceiling: partial(pgbench.ceiling, scene)}
    if len(scene.tenants) > 1:
        asides["pgbench, 8 clients, switching"] = partial(pgbench.pgbench, scene, 8, switching=True)
    figures = interleaved({**ours, **theirs, **asides})
    for name, each in figures.items():
        told(name, each)
    best = max(figures[name]["ops"] for name in ours)
    is_met = goal(what, best / max(figures[name]["ops"] for name in theirs), at_least, at_least=True, unit=" ×")
    print(f"        against {ceiling}: {best / figures[ceiling]['ops']:.2f} ×")
    return is_met
