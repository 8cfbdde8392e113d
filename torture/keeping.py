"""Keeps parts running however often they die: the supervisor of `make run` would lose patience, for here they are killed.

One thread looks after all of them. Every process is listed with a guard (cloudlicenses.local.guard), so that nothing outlives us.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudlicenses.local.guarding import Guard
from cloudlicenses.local.part import Part, spawn

TICK_SECONDS = 0.05
PAUSE_SECONDS = 0.4  # between the death of a process and the next one


class Keeper:
    """The parts of one house. What they say goes to `logs`, a file each."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir()
        self._guard = Guard()
        self._kept: dict[str, Kept] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look_after_all, daemon=True)

    def start(self, *parts: Part) -> None:
        """Start them together, to be started again whenever they die; returns when all are ready."""
        for part in parts:
            kept = Kept(part, self._logs / f"{part.name}.log", self._guard)
            kept.start()
            self._kept[part.name] = kept  # started already: whoever looks after it must not start it too
        if not self._thread.is_alive():
            self._thread.start()
        for part in parts:
            self.await_ready(part.name)

    def is_ready(self, name: str) -> bool:
        return self._kept[name].part.is_ready()

    def await_ready(self, name: str) -> None:
        give_up_at = time.monotonic() + self._kept[name].part.ready_within
        while not self.is_ready(name):
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{name} did not become ready; see {self._logs / name}.log")
            time.sleep(TICK_SECONDS)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """While inside, this part is away: it was told to stop, has ended, and is not started again before the end."""
        self._kept[name].is_wanted = False
        self._kept[name].tell_to_stop()
        while self._kept[name].pid:
            time.sleep(TICK_SECONDS)
        try:
            yield
        finally:
            self._kept[name].is_wanted = True

    def pid_of(self, name: str) -> int:
        return self._kept[name].pid

    def stop(self) -> None:
        """End everything, what was started last first, as each wants to be told."""
        self._is_over.set()
        self._thread.join()
        for kept in reversed(self._kept.values()):
            kept.end()
        self._guard.dismiss()

    def _look_after_all(self) -> None:
        while not self._is_over.wait(TICK_SECONDS):
            for kept in list(self._kept.values()):
                kept.look_after()


class Kept:
    """One part, through as many processes as it takes."""

    def __init__(self, part: Part, log: Path, guard: Guard) -> None:
        self.part = part
        self.is_wanted = True
        self._log, self._guard = log, guard
        self._process: subprocess.Popen[bytes] | None = None
        self._start_again_at = 0.0

    @property
    def pid(self) -> int:
        """0 between two processes."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = spawn(self.part, log.fileno())
        self._guard.watch_over(self._process.pid, self.part.stop_signal)

    def look_after(self) -> None:
        if self._process is None:
            if self.is_wanted and time.monotonic() >= self._start_again_at:
                self.start()
        elif self._process.poll() is not None:
            self._bury()

    def tell_to_stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(self.part.stop_signal)

    def end(self) -> None:
        self.tell_to_stop()
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.part.patience)
        self._bury()

    def _bury(self) -> None:
        """Whatever is left of its group goes too: a worker's children do not outlive it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._guard.forget(self._process.pid)
        self._process, self._start_again_at = None, time.monotonic() + PAUSE_SECONDS


@contextmanager
def keeping(logs: Path) -> Iterator[Keeper]:
    keeper = Keeper(logs)
    try:
        yield keeper
    finally:
        keeper.stop()
