"""A thousand tenants: what it takes to make one more, to deploy, and to serve meanwhile.

`python -m benchmarks deploying` makes TENANTS (1,000) real ones by the product's own provisioning and prints: making the first and
one more at the end; a deploy that changes nothing; one that adds a column to every tenant's busiest table while others check out,
undisturbed and killed at a third; how the web process starts, what it and PostgreSQL's backends weigh; how long jobs look for work.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from benchmarks import platforms, visitors
from benchmarks.platforms import Platform, Web

TENANTS = int(os.environ.get("TENANTS", "1000"))
ACTIVE = 8  # tenants that check out while a deploy runs
PREPARE = (sys.executable, "manage.py", "prepare_database")
LATER = {"DJANGO_SETTINGS_MODULE": "benchmarks.later.settings"}
MIGRATED = (
    "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE attname = 'later' AND relkind = 'r'"
)
GOALS = {"making one more": 1.0, "a deploy that changes nothing": 10.0, "adding a column": 60.0}
MISSED: list[str] = []


def main() -> int:
    with platforms.made() as made:
        first = made.add_tenant()
        alone = _start_up(made)
        took = [first] + [made.add_tenant() for _ in range(TENANTS - 1)]
        _say("making the first", f"{first:.2f} s")
        _say("making one more", f"{statistics.median(took[-20:]):.2f} s", statistics.median(took[-20:]))
        nothing = statistics.median(_deploy() for _ in range(3))
        _say("a deploy that changes nothing", f"{nothing:.1f} s", nothing)
        _say("start of the web process", f"{alone:.1f} s with 1 tenant, {_start_up(made):.1f} s with {TENANTS}")
        for name, seconds in made.look_for_work().items():
            _say(f"{name}, nothing due", f"{seconds * 1000:.1f} ms")
        with made.serving() as web:
            _weigh(made, web)
            asyncio.run(_deploy_under_load(made, web.port))
    return 1 if MISSED else 0


def _say(what: str, figure: str, seconds: float | None = None) -> None:
    verdict, goal = "", GOALS.get(what)
    if goal is not None and seconds is not None:
        verdict = f"   goal {goal:.0f} s: {'met' if seconds < goal else 'MISSED'}"
        if seconds >= goal:
            MISSED.append(what)
    print(f"{what:42} {figure}{verdict}", flush=True)


def _start_up(made: Platform) -> float:
    def once() -> float:
        with made.serving() as web:
            return web.started_in

    return statistics.median(once() for _ in range(3))


def _deploy(**environment: str) -> float:
    started = time.perf_counter()
    subprocess.run(PREPARE, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _weigh(made: Platform, web: Web) -> None:
    before = web.megabytes()
    visitors.visit_once(web.port, made.hosts(), made.keys)
    _say("memory of the web process", f"{before:.0f} MB, {web.megabytes():.0f} MB after a checkout in each tenant")
    backends = sorted(_megabytes_of(pid) for pid in made.backends())
    _say("memory of PostgreSQL's backends, private", f"{', '.join(f'{size:.0f}' for size in backends)} MB")


def _megabytes_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} says nothing of its memory")


async def _deploy_under_load(made: Platform, port: int) -> None:
    active = list(zip(made.hosts(), made.keys, strict=True))[:: max(1, TENANTS // ACTIVE)][:ACTIVE]
    quiet = await visitors.during(port, active, asyncio.sleep(5))
    _say("checkouts without a deploy", str(quiet))
    started = time.perf_counter()
    busy = await visitors.during(port, active, _deploy_later())
    seconds = time.perf_counter() - started
    _say("adding a column", f"{seconds:.1f} s", seconds)
    _say("checkouts meanwhile", str(busy))
    made.take_back_the_column()
    killed = await visitors.during(port, active, _kill_at_a_third(made))
    done = _migrated(made)
    started = time.perf_counter()
    resumed = await visitors.during(port, active, _deploy_later())
    _say(
        "killed at a third, and run again", f"{done} schemas kept, the others in {time.perf_counter() - started:.1f} s"
    )
    _say("checkouts meanwhile", f"{killed}; {resumed}")
    if _migrated(made) != TENANTS or any(one.failed for one in (quiet, busy, killed, resumed)):
        raise SystemExit("A schema was left out, or a request failed.")


async def _deploy_later() -> None:
    process = await asyncio.create_subprocess_exec(*PREPARE, env={**os.environ, **LATER}, stdout=subprocess.DEVNULL)
    if await process.wait():
        raise SystemExit("The deploy failed.")


async def _kill_at_a_third(made: Platform) -> None:
    process = await asyncio.create_subprocess_exec(*PREPARE, env={**os.environ, **LATER}, stdout=subprocess.DEVNULL)
    while _migrated(made) < TENANTS / 3 and process.returncode is None:
        await asyncio.sleep(0.05)
    process.kill()
    await process.wait()


def _migrated(made: Platform) -> int:
    with psycopg.connect(made.url) as owner:
        row = owner.execute(MIGRATED).fetchone()
        return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
