"""Taking turns: contestants run one after the other, round after round, so that what else the machine does meets them all."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from benchmarks.scenario import Scenario

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "4"))

Figures = dict[str, Any]


def interleaved(contestants: Mapping[str, Callable[[], Figures]], rounds: int = ROUNDS) -> dict[str, Figures]:
    """The median of each figure of each contestant; each runs once, uncounted, to be warm."""
    every: dict[str, list[Figures]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            figures = run()
            if number:
                every[name].append(figures)
    return {name: _medians(seen) for name, seen in every.items()}


def over_http(scenario: Scenario) -> Figures:
    """What the load generator says, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=scenario.as_json(),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: Figures = json.loads(done.stdout)
    return figures


@contextmanager
def in_background(scenario: Scenario) -> Iterator[subprocess.Popen[str]]:
    """A load that goes on while something else is looked at; on exit it has ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(scenario.as_json())
        process.stdin.close()
        yield process


def goal(what: str, figure: float, bound: float, *, at_least: bool, unit: str = "") -> bool:
    """Print a figure beside its goal; whether it is met."""
    is_met = figure >= bound if at_least else figure <= bound
    print(
        f"  {'met ' if is_met else 'MISS'}  {what}: {_told(figure)}{unit}   (goal {'≥' if at_least else '≤'} {_told(bound)}{unit})"
    )
    return is_met


def told(what: str, figures: Figures) -> None:
    """One line of an HTTP load or of pgbench."""
    latency = "".join(f"   {name[:-3]} {figures[name]:6.1f} ms" for name in ("p50_ms", "p99_ms") if name in figures)
    faults = "".join(f"   {status}: {count:.0f}" for status, count in strange(figures).items())
    own = f"   load's own {figures['cpu_us_per_op']:.0f} µs/op" if "cpu_us_per_op" in figures else ""
    print(f"        {what:<34} {figures['ops']:8.0f} op/s{latency}{own}{faults}", flush=True)


def spread(figures: Mapping[str, Figures], of: str) -> float:
    """How many times the smallest the largest is."""
    values = [each[of] for each in figures.values()]
    return float(max(values) / min(values))


def strange(figures: Figures) -> dict[str, float]:
    """Answers that were neither a checkout granted nor a seat returned."""
    return {status: count for status, count in figures.get("statuses", {}).items() if status not in ("200", "201")}


def _medians(seen: list[Figures]) -> Figures:
    """Of numbers the median; of answers by status, which are to be seen even if they happened once, the sum."""
    numbers = {name: statistics.median(one[name] for one in seen) for name in seen[0] if name != "statuses"}
    statuses: dict[str, float] = {}
    for one in seen:
        for status, count in one.get("statuses", {}).items():
            statuses[status] = statuses.get(status, 0) + count
    return {**numbers, "statuses": statuses}


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}"
