"""Every order in which a few transactions can meet, tried one after the other against the real database.

A session is a thread with a connection of its own and a list of steps: begin, calls, commit. One step runs at a time; a session
that waits for a lock is recognised (`pg_blocking_pids`) and its turn passes on until it is let go. At each turn every session that
can go on is tried, from the start again each time, so the orders tried are all that there are, each once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations
from typing import Any, TypeVar

import psycopg
from django.db import connection, transaction

GLANCE_SECONDS = 0.004
PATIENCE_SECONDS = 60
WAITING = "SELECT pid FROM unnest(%s::int[]) AS pid WHERE pg_blocking_pids(pid) && %s::int[]"

Step = Callable[[], Any]
Played = TypeVar("Played")
Choice = Callable[[Sequence[str]], str]  # which of those that can go on has the turn


@dataclass(frozen=True)
class Alone:
    """One step that is no transaction, such as the passing of time."""

    step: Step


Part = Sequence[Step] | Alone  # what one session does: the steps of one transaction
Parts = Mapping[str, Part]


class Session:
    """Somebody with a connection. The connection lives as long as this does."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._open: list[transaction.Atomic] = []
        self.pid = self._thread.submit(self._connect).result()

    def start(self, step: Step) -> Future[Any]:
        return self._thread.submit(self._take, step)

    def close(self) -> None:
        self._thread.submit(lambda: connection.close()).result()  # the thread's own, not this one's
        self._thread.shutdown()

    def begin(self) -> None:
        self._open.append(transaction.atomic())
        self._open[-1].__enter__()

    def commit(self) -> None:
        self._open.pop().__exit__(None, None, None)

    def _take(self, step: Step) -> Any:
        try:
            return step()
        except Exception as error:
            if self._open:
                self._open.pop().__exit__(type(error), error, error.__traceback__)
            return {"failed": getattr(error.__cause__, "sqlstate", None) or repr(error)}

    @staticmethod
    def _connect() -> int:
        connection.ensure_connection()
        pid: int = connection.connection.info.backend_pid
        return pid


@dataclass
class Play:
    """One order: who took which turn, what each was answered, who waited for a lock, and whether all did at once."""

    turns: list[str] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    waited: set[str] = field(default_factory=set)
    is_stuck: bool = False


class Stage:
    """Plays sessions by name. `watcher` is a connection that sees who waits for whom."""

    def __init__(self, watcher: psycopg.Connection[Any], sessions: Mapping[str, Session]) -> None:
        self._watcher = watcher
        self._sessions = sessions

    def play(self, parts: Parts, choose: Choice) -> Play:
        """To the end of every part. A part whose step fails is over: its transaction is undone."""
        play = Play(answers={name: [] for name in parts})
        left = {name: self._steps(name, part, is_crowded=len(parts) > 2) for name, part in parts.items()}
        under_way: dict[str, Future[Any]] = {}
        while under_way or any(left.values()):
            if ready := [name for name, steps in left.items() if steps and name not in under_way]:
                name = choose(ready)
                play.turns.append(name)
                under_way[name] = self._sessions[name].start(left[name].pop(0))
            else:
                play.is_stuck = True  # until PostgreSQL has chosen a victim
                wait(under_way.values(), PATIENCE_SECONDS, FIRST_COMPLETED)
            self._settle(play, left, under_way)
        return play

    def _steps(self, name: str, part: Part, *, is_crowded: bool) -> list[Step]:
        """To begin is a step of its own for two; for more it comes with the first call, lest the orders be thousands."""
        if isinstance(part, Alone):
            return [part.step]
        session = self._sessions[name]
        if is_crowded:
            return [partial(_both, session.begin, part[0]), *part[1:], session.commit]
        return [session.begin, *part, session.commit]

    def _settle(self, play: Play, left: dict[str, list[Step]], under_way: dict[str, Future[Any]]) -> None:
        """Until each step under way is done or waits for another session."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while under_way:
            done, _ = wait(under_way.values(), GLANCE_SECONDS, FIRST_COMPLETED)
            for name in [name for name, future in under_way.items() if future in done]:
                self._note(play, name, under_way.pop(name).result(), left)
            if not done and self._all_wait(under_way):
                play.waited.update(under_way)
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{list(under_way)} neither wait for a lock nor come to an end")

    def _note(self, play: Play, name: str, answer: Any, left: dict[str, list[Step]]) -> None:
        if answer is not None:
            play.answers[name].append(answer)
        if isinstance(answer, dict) and "failed" in answer:
            left[name].clear()

    def _all_wait(self, under_way: Mapping[str, Future[Any]]) -> bool:
        pids = [session.pid for session in self._sessions.values()]
        asked = [self._sessions[name].pid for name in under_way]
        return len(self._watcher.execute(WAITING, [asked, pids]).fetchall()) == len(asked)


def _both(first: Step, second: Step) -> Any:
    first()
    return second()


def serial_orders(names: Iterable[str]) -> Iterator[Choice]:
    """One after the other, in every order."""
    for order in permutations(names):
        yield partial(_first_of, order)


def every_order(play: Callable[[Choice], Played]) -> Iterator[Played]:
    """Plays again and again, each time another way at the last turn that has one left."""
    path: list[int] = []
    while True:
        turns: list[tuple[int, int]] = []  # which was taken, of how many

        def choose(ready: Sequence[str], turns: list[tuple[int, int]] = turns, path: list[int] = path) -> str:
            taken = path[len(turns)] if len(turns) < len(path) else 0
            turns.append((taken, len(ready)))
            return ready[taken]

        yield play(choose)
        while turns and turns[-1][0] + 1 == turns[-1][1]:
            turns.pop()
        if not turns:
            return
        path = [taken for taken, _ in turns]
        path[-1] += 1


def _first_of(order: Sequence[str], ready: Sequence[str]) -> str:
    return next(name for name in order if name in ready)
