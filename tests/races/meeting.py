"""A scene played in every order, and what was wrong with any of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

from tenants import roles
from tenants.ownership import owner_connection
from tests.races import books
from tests.races.asking import TENANT
from tests.races.books import Books
from tests.races.cases import AMENDED
from tests.races.clocks import Clock
from tests.races.interleaving import Choice, Parts, Play, Session, Stage, every_order, serial_orders
from tests.races.model import Answer
from tests.races.scenes.doing import Scene

SECOND = timedelta(seconds=1)
COMPARED = ("refused", "failed", "license_id", "lease_type", "cost", "ended_by", "already", "replayed", "came_back")
WRITTEN = (
    *(f"{{tenant}}.{name}" for name in ("licensing_lease", "licensing_denial", "licensing_license", "web_idempotentanswer")),
    "{tenant}.audit_auditentry", "public.audit_outbox", "public.billing_usagerecord", "public.tenants_sweepdue",
)  # fmt: skip
EMPTY = sql.SQL("; ".join(f"DELETE FROM {table}" for table in WRITTEN)).format(
    tenant=sql.Identifier(roles.schema_of(TENANT))
)

Outcome = tuple[Any, ...]


@dataclass
class Told:
    """Of one scene: how many orders there are, in how many somebody waited, and sentences about what went wrong."""

    orders: int = 0
    waits: int = 0
    faults: list[str] = field(default_factory=list)


class Theatre:
    """Sessions enough for any scene, and the owner to tidy up between plays."""

    def __init__(self, owner: psycopg.Connection[Any], clock: Clock) -> None:
        self._owner = owner
        self._clock = clock
        self._sessions: list[Session] = []

    def tell(self, scene: Scene) -> Told:
        """Every order must leave the books right, stick nowhere, and end as the parts do one after the other in some order."""
        told = Told()
        names = list(self._set(scene))
        allowed = {self._outcome(self._play(scene, order), self._read()) for order in serial_orders(names)}
        for play in every_order(lambda choose: self._play(scene, choose)):
            told.orders += 1
            told.waits += bool(play.waited)
            told.faults += [f"{' '.join(play.turns)}: {fault}" for fault in self._faults(scene, play, allowed)]
        return told

    def close(self) -> None:
        for session in self._sessions:
            session.close()

    def _play(self, scene: Scene, choose: Choice) -> Play:
        parts = self._set(scene)
        while len(self._sessions) < len(parts):
            self._sessions.append(Session())
        return Stage(self._owner, dict(zip(parts, self._sessions, strict=False))).play(parts, choose)

    def _set(self, scene: Scene) -> Parts:
        self._owner.execute(EMPTY)
        self._clock.set(self._clock.start)
        return scene(self._clock)

    def _faults(self, scene: Scene, play: Play, allowed: set[Outcome]) -> Iterator[str]:
        found = self._read()
        if play.is_stuck:
            yield "all stood still: a deadlock"
        yield from found.faults()
        if scene not in AMENDED:
            yield from found.oversold()
        outcome = self._outcome(play, found)
        if outcome not in allowed:
            yield f"no serial order ends so: {outcome}"

    def _read(self) -> Books:
        return books.read(self._clock.start)

    def _outcome(self, play: Play, found: Books) -> Outcome:
        """All that anybody was told and all that is written, but for the names of leases and parts of a second."""
        names: dict[str, str] = {}
        answers = []
        for who in sorted(play.answers):
            for answer in _one_by_one(play.answers[who]):
                lease = names.setdefault(answer["lease_id"], f"lease {len(names)}") if "lease_id" in answer else ""
                answers.append((who, lease, *(str(answer[name]) for name in COMPARED if name in answer)))
        return (tuple(answers), *self._written(names, found))

    def _written(self, names: dict[str, str], found: Books) -> Outcome:
        return (
            tuple(
                (one.id, one.status, one.commit_in_use, one.overage_in_use, str(one.spent)) for one in found.licenses
            ),
            tuple(
                sorted(
                    (
                        names.get(one.id, ""),
                        one.license_id,
                        one.lease_type,
                        str(one.cost),
                        one.ended_by,
                        self._seconds(one),
                    )
                    for one in found.leases
                )
            ),
            tuple(sorted(denial.code for denial in found.denials)),
            tuple(sorted((line.license_id, line.kind, str(line.amount)) for line in found.ledger)),
        )

    def _seconds(self, lease: Any) -> int:
        seconds: int = (lease.expires_at - self._clock.start) // SECOND
        return seconds


def _one_by_one(answers: list[Any]) -> Iterator[Answer]:
    """A batch's answers as its calls'."""
    for answer in answers:
        yield from answer if isinstance(answer, list) else [answer]


@contextmanager
def theatre(clock: Clock) -> Iterator[Theatre]:
    with owner_connection() as owner:
        house = Theatre(owner, clock)
        try:
            yield house
        finally:
            house.close()
