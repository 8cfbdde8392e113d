"""One hot license of 10,000 seats: the whole checkout over HTTP against pgbench with the same SQL, one operation a transaction."""

from __future__ import annotations

from benchmarks.contest import against_pgbench
from benchmarks.scene import Furniture, Scene

FURNITURE = Furniture(seats=10_000)


def main(scene: Scene) -> bool:
    return against_pgbench(scene, "one hot license, against pgbench", at_least=3.0)
