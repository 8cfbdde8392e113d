"""Memory of the web process while a thousand tenants use it: how much, and whether it goes on growing after it is warm.

An hour's soak in miniature: MINUTES of uninterrupted load over all tenants; the slope is fitted to the second half.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.rounds import goal, in_background
from benchmarks.scenario import Scenario
from benchmarks.scene import THOUSAND, Scene

FURNITURE = THOUSAND
MINUTES = float(os.environ.get("MINUTES", "4"))
PAUSE = 2.0
MOST_MB, MOST_GROWTH_MB_PER_HOUR = 400.0, 60.0


def main(scene: Scene) -> bool:
    print(f"        after start: {resident_mb(scene.pid):.0f} MB")
    load = Scenario(scene.port, scene.sites, connections=128, seconds=MINUTES * 60)
    with in_background(load) as process:
        seen = _watch(process, scene.pid)
    at, megabytes = zip(*seen[len(seen) // 2 :], strict=True)
    growth = statistics.linear_regression(at, megabytes).slope * 3600
    return all([
        goal("resident memory at 1,000 tenants", max(megabytes), MOST_MB, at_least=False, unit=" MB"),
        goal(f"growth after {MINUTES / 2:.0f} minutes, an hour", growth, MOST_GROWTH_MB_PER_HOUR, at_least=False, unit=" MB"),
    ])  # fmt: skip


def resident_mb(pid: int) -> float:
    """Of a process of ours, as the kernel counts it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _watch(process: subprocess.Popen[str], pid: int) -> list[tuple[float, float]]:
    """Seconds and megabytes, until the load ends."""
    seen, began = [], time.monotonic()
    while process.poll() is None:
        seen.append((time.monotonic() - began, resident_mb(pid)))
        time.sleep(PAUSE)
    return seen
