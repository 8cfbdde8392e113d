"""One hot license of 10,000 seats: the whole checkout over HTTP against pgbench with the same SQL, one operation a transaction."""

from __future__ import annotations

from benchmarks.contest import against_pgbench
from benchmarks.scene import scene


def main() -> bool:
    with scene(seats=10_000) as measured:
        return against_pgbench(measured, "one hot license, against pgbench", at_least=3.0)
