"""20 tenants with 5 licenses each, drawn evenly: over HTTP against pgbench on the same 20 schemas."""

from __future__ import annotations

from benchmarks.contest import against_pgbench
from benchmarks.scene import TWENTY, Scene

FURNITURE = TWENTY


def main(scene: Scene) -> bool:
    return against_pgbench(scene, "20 tenants × 5 licenses, against pgbench", at_least=1.0)
