"""Everything that is done to the house while its clients work.

All disturbances once in a random order, then all again in another, and so on until the clients are done. What a disturbance holds
(a paused process, a full volume) it lets go of before it ends; what it has killed, the keeper starts again.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from tenants import roles
from torture.house import WEB, House

SERVERS = ("postgres", "valkey")
WORKERS = ("worker", "beat")
MET_UPRIGHT = 0.8
EVERYTHING = (*WEB, *WORKERS, *SERVERS)
# Some leases of those in use are over now, or a little while ago: as after a clock that jumped, and the sweep is due.
JUMP = """
    UPDATE {schema}.licensing_lease
    SET expires_at = greatest(issued_at, clock_timestamp() - random() * interval '10 seconds')
    WHERE id IN (SELECT id FROM {schema}.licensing_lease WHERE ended_at IS NULL ORDER BY random() LIMIT 5 FOR UPDATE SKIP LOCKED)
"""
SWEEP = "UPDATE public.tenants_sweepdue SET due_at = least(due_at, clock_timestamp())"


class Disturber:
    """`disturb_until(over)`; afterwards `done` says how often what was done."""

    def __init__(self, house: House, tenants: Iterable[str], seed: str, *, pause_seconds: float) -> None:
        self._house, self._tenants = house, list(tenants)
        self._dice = random.Random(f"{seed} disturber")
        self._pause_seconds = pause_seconds
        self.done: Counter[str] = Counter()
        self._disturbances: dict[str, Callable[[], object]] = {
            "web process killed": lambda: self._kill([self._dice.choice(WEB)]),
            "both web processes killed": lambda: self._kill(WEB),
            "worker killed": lambda: self._kill(["worker"]),
            "scheduler killed": lambda: self._kill(["beat"]),
            "Valkey killed": lambda: self._kill(["valkey"]),
            "postmaster killed": lambda: self._kill(["postgres"]),
            "database session killed": self._kill_session,
            "several killed together": lambda: self._kill(self._dice.sample(EVERYTHING, 3)),
            "everything killed together": lambda: self._kill(EVERYTHING),
            "web process paused": lambda: self._pause([self._pid(self._dice.choice(WEB))]),
            "worker paused": lambda: self._pause([self._pid("worker")]),
            "Valkey paused": lambda: self._pause([self._pid("valkey")]),
            "database session paused": lambda: self._pause(self._some_session()),
            "all of PostgreSQL paused": lambda: self._pause(house.database_processes()),
            "volume filled": self._fill_volume,
            "time jumped": self._jump,
            "all connections cut": lambda: _send(self._pid("road"), signal.SIGUSR1),
        }

    def disturb_until(self, over: Callable[[], bool]) -> None:
        while not over():
            for name in self._dice.sample(sorted(self._disturbances), len(self._disturbances)):
                self._rest(over)
                if over():
                    return
                self._disturbances[name]()
                self.done[name] += 1

    def _rest(self, over: Callable[[], bool]) -> None:
        """Most disturbances meet a house that has got up again, on however slow a machine; some meet it while it does."""
        time.sleep(self._dice.uniform(0.5, 1.5) * self._pause_seconds)
        if self._dice.random() < MET_UPRIGHT:
            while not over() and not any(self._house.keeper.is_ready(name) for name in WEB):
                time.sleep(0.2)

    def _pid(self, name: str) -> int:
        return self._house.keeper.pid_of(name)

    def _kill(self, names: Iterable[str]) -> None:
        for pid in [self._pid(name) for name in names]:
            _send(pid, signal.SIGKILL)

    def _some_session(self) -> list[int]:
        sessions = self._house.sessions("client backend")
        return [self._dice.choice(sessions)] if sessions else []

    def _kill_session(self) -> None:
        for pid in self._some_session():
            _send(pid, signal.SIGKILL)

    def _pause(self, pids: list[int]) -> None:
        with _paused(pids):
            self._hold()

    def _fill_volume(self) -> None:
        self._house.volume.fill(self._house.database_processes())
        try:
            self._hold()
        finally:
            self._house.volume.empty(self._house.database_processes())

    def _hold(self) -> None:
        """In a long trial sometimes longer than clients wait for an answer."""
        time.sleep(self._dice.uniform(0.1, 1.2) * self._pause_seconds)

    def _jump(self) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(self._house.owner_url, connect_timeout=2) as owner:
            owner.execute("SET statement_timeout = '3s'")
            for tenant_id in self._tenants:
                schema = sql.Identifier(roles.schema_of(tenant_id))
                owner.execute(sql.SQL(JUMP).format(schema=schema))
            owner.execute(SWEEP)


@contextmanager
def _paused(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        _send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            _send(pid, signal.SIGCONT)


def _send(pid: int, number: signal.Signals) -> None:
    """To nobody, if there is nobody any more: 0 would be ourselves and all our children."""
    if pid > 0:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
