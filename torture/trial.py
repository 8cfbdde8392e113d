"""One trial from beginning to end: build the house, let clients work and disturb them, wait until all is quiet, ask the books."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudlicenses.local.locks import Lock, take_lock
from cloudlicenses.local.part import launched
from torture.house import WEB, House, house, open_up
from torture.violations import Violation
from torture.volume import volume

if TYPE_CHECKING:
    from torture.furnishing import Site

PLACES = Path(__file__).resolve().parents[1] / ".local" / "torture"
DRAINED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """How hard, how long, and by which dice."""

    operations: int
    seconds: float
    clients: int
    tenants: int
    pause_seconds: float
    seed: str


@dataclass(slots=True)
class Outcome:
    """Everything that was counted. `violations` is empty when every promise was kept."""

    wanted: Wanted
    volume: str
    answers: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    disturbances: Counter[str] = field(default_factory=Counter)
    books: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)  # by phase
    logs: str = ""


def try_out(wanted: Wanted) -> Outcome:
    """Torture the product as `wanted`, and say what came of it. What every process said is kept beside, until the next trial."""
    place, lock = _take_place()
    try:
        with volume(place) as room, house(place, room) as built:
            import django

            django.setup()  # the house has told the environment where its servers are
            return _torture(built, place, wanted)
    finally:
        lock.release()


def _take_place() -> tuple[Path, Lock]:
    """The first that nobody else uses, emptied."""
    places = ((PLACES / str(number), take_lock(PLACES / f"{number}.lock")) for number in itertools.count())
    place, lock = next((place, lock) for place, lock in places if lock is not None)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place, lock


def _torture(built: House, place: Path, wanted: Wanted) -> Outcome:
    from torture import disturbing, furnishing

    outcome = Outcome(wanted, built.volume.description, logs=str(place / "logs"))
    with _timed(outcome, "building"):
        sites = furnishing.furnish(wanted.tenants)
        open_up(built, place, wanted.seed)
    tenants = [site.tenant_id for site in sites]
    disturber = disturbing.Disturber(built, tenants, wanted.seed, pause_seconds=wanted.pause_seconds)
    with _timed(outcome, "torture"), _clients(built, sites, furnishing.PRODUCTS, wanted, place) as (process, diary):
        disturber.disturb_until(lambda: process.poll() is not None)
    outcome.disturbances = disturber.done
    _listen_to(diary, outcome)
    with _timed(outcome, "until all was quiet"):
        _await_quiet(built, tenants, outcome)
    with _timed(outcome, "audit"):
        _audit(diary, tenants, outcome)
    return outcome


@contextmanager
def _timed(outcome: Outcome, phase: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    outcome.seconds[phase] = round(time.monotonic() - began)


@contextmanager
def _clients(
    built: House, sites: Sequence[Site], products: list[str], wanted: Wanted, place: Path
) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Their process, and their diary, which is filled when they have come home."""
    errand = {
        "port": built.road_port, "sites": [asdict(site) for site in sites], "products": products,
        "clients": wanted.clients, "operations": wanted.operations, "seconds": wanted.seconds, "seed": wanted.seed,
    }  # fmt: skip
    diary: dict[str, Any] = {}
    with (place / "errand.json").open("w+") as sent, (place / "diary.json").open("w+") as written:
        json.dump(errand, sent)
        sent.seek(0)
        process = subprocess.Popen(launched((sys.executable, "-m", "torture.clients")), stdin=sent, stdout=written)
        try:
            yield process, diary
            if process.wait() != 0:
                raise RuntimeError(f"The clients ended with exit code {process.returncode}.")
            written.seek(0)
            diary.update(json.load(written))
        finally:
            process.kill()
            process.wait()


def _listen_to(diary: dict[str, Any], outcome: Outcome) -> None:
    outcome.answers = Counter(diary["answers"])
    outcome.attempts = Counter(diary["attempts"])
    outcome.violations += [Violation(*complaint) for complaint in diary["complaints"]]


def _await_quiet(built: House, tenants: list[str], outcome: Outcome) -> None:
    """Both web processes serve again without our help, and the worker brings back every seat that nobody returned."""
    for name in WEB:
        try:
            built.keeper.await_ready(name)
        except TimeoutError as error:
            outcome.violations.append(Violation("not recovered", str(error)))
    give_up_at = time.monotonic() + DRAINED_WITHIN_SECONDS
    while (taken := _seats_taken(tenants)) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    if taken:
        outcome.violations.append(Violation("backlog", f"{taken} leases have lapsed and still hold their seats"))


def _seats_taken(tenants: list[str]) -> int:
    """Whatever lives long was returned, and what was not returned lives for three seconds: it comes to nothing."""
    from django.db import close_old_connections

    from licensing.models import Lease
    from tenants.context import inside

    close_old_connections()
    taken = 0
    for tenant_id in tenants:
        with inside(tenant_id):
            taken += Lease.objects.filter(ended_at=None).count()
    return taken


def _audit(diary: dict[str, Any], tenants: list[str], outcome: Outcome) -> None:
    from torture.auditing import Heard, violations_of
    from torture.books import Told, books_of

    heard = Heard([Told(**one) for one in diary["told"].values()], diary["refusals"])
    for tenant_id in tenants:
        books = books_of(tenant_id)
        outcome.violations += violations_of(books, heard)
        outcome.books.update(
            leases=len(books.leases), ledger=len(books.ledger), audit=len(books.notes), denials=books.denials
        )
    outcome.books["told"] = len(heard.told)
