"""Past saturation: what can't be served is refused at once (503, Retry-After), what is accepted stays quick; then all is as before.

Offered in an open loop, from more connections than the server has turns, so that nothing slows the flood but its refusals.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.offered import at_rate, saturation
from benchmarks.rounds import SECONDS, Figures, goal, over_http, strange, told
from benchmarks.scene import TWENTY, Scene

FURNITURE = TWENTY
TIMES, CONNECTIONS = 1.5, 2048
SLOWEST_MS, LEAST_SERVED, MOST_RECOVERED, MOST_REFUSED = 500.0, 0.4, 1.5, 0.001
SHED = {"503"}


def main(scene: Scene) -> bool:
    most = saturation(scene)
    half = at_rate(scene, most / 2, seconds=2 * SECONDS)
    over_http(half)
    before = over_http(half)
    flood = over_http(replace(half, rate=most * TIMES, connections=CONNECTIONS))
    after = over_http(half)
    told(f"half load, {most / 2:,.0f} op/s, before", before)
    told(f"{TIMES} × saturation, {most * TIMES:,.0f} op/s", flood)
    told("half load, after", after)
    strangers = set(strange(flood)) - SHED
    print(f"        refused with 503 after p50 {flood['refused_p50_ms']:.1f} ms, p99 {flood['refused_p99_ms']:.1f} ms")
    return all([
        goal("served of what it can take", flood["ops"] / most, LEAST_SERVED, at_least=True),
        goal("p99 of what it accepts", flood["p99_ms"], SLOWEST_MS, at_least=False, unit=" ms"),
        goal("refused by 503 with Retry-After", flood["statuses"].get("503", 0), 1, at_least=True),
        goal("answers of any other kind", len(strangers), 0, at_least=False),
        goal("p99 at half load afterwards, of before", after["p99_ms"] / before["p99_ms"], MOST_RECOVERED, at_least=False),
        goal("refused afterwards, of all", _refused(after), MOST_REFUSED, at_least=False),
    ])  # fmt: skip


def _refused(figures: Figures) -> float:
    refused = sum(strange(figures).values())
    return refused / (refused + float(figures["ops"]) * 2 * SECONDS)
