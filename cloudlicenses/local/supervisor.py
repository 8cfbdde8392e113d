"""Keeps parts running: starts them, prints their lines under their names, starts the dead again, stops all of them.

One thread starts and stops everything. Three things end a part with its supervisor: `stop`, when the supervisor ends in
order; guard.py, when it is killed; and the kernel's parent-death signal besides (see launch.py).
"""

import signal
import sys
import threading
import time
from functools import partial
from typing import IO, NoReturn

from .guarding import Guard
from .part import Part
from .refusals import CannotRun
from .running import TICK_SECONDS, Running

MOST_QUICK_DEATHS = 5


class Stopped(Exception):
    """Somebody asked the supervisor to stop while it was starting."""


class Supervisor:
    """Runs parts in the order given and stops them in the opposite one. Their lines go to `output`."""

    def __init__(self, output: IO[str] = sys.stdout) -> None:
        self._output = output
        self._writing = threading.Lock()
        self._guard = Guard()
        self._together: list[list[Running]] = []
        self._asked = 0

    def listen(self) -> None:
        """Take SIGINT, SIGTERM and SIGHUP as the wish to stop, and a second one as the wish to hurry."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # ignored by nohup, on purpose
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def start(self, *parts: Part) -> None:
        """Start `parts` together and return when all are ready; refuses when one dies or takes too long."""
        started = [self._running(part) for part in parts]
        self._together.append(started)
        for running in started:
            running.start()
        for running in started:
            self._await_ready(running)

    def complete(self, part: Part) -> None:
        """Run `part` to its end; refuses when it fails."""
        running = self._running(part)
        self._together.append([running])
        running.start()
        while (code := running.exit_code()) is None:
            self._breathe()
        self._together.pop()
        if code != 0:
            raise CannotRun(f"{part.name} failed with exit code {code}; see its lines above.")

    def watch(self) -> NoReturn:
        """Keep everything running until somebody asks to stop; refuses when a part keeps dying."""
        while True:
            self._breathe()
            for together in self._together:
                for running in together:
                    self._look_after(running)

    def stop(self) -> None:
        """Stop every part, those started last first; nothing is left running when this returns."""
        self._asked = 0
        while self._together:
            together = self._together.pop()
            for running in together:
                running.tell_to_stop()
            for running in together:
                running.end(partial(self._is_hurried_for, running))
        self._guard.dismiss()

    def say(self, text: str, name: str = "local") -> None:
        """Print `text`, each line under `name`."""
        with self._writing:
            for line in text.splitlines() or [""]:
                print(f"{name:>8} | {line}", file=self._output, flush=True)

    def _running(self, part: Part) -> Running:
        return Running(part, self._guard, self.say)

    def _await_ready(self, running: Running) -> None:
        part, give_up_at = running.part, time.monotonic() + running.part.ready_within
        while not part.is_ready():
            self._breathe()
            code = running.exit_code()
            if code is not None or time.monotonic() > give_up_at:
                what = "did not become ready" if code is None else f"stopped with exit code {code} while starting"
                raise CannotRun("\n".join((f"{part.name} {what}. Its last lines:", *running.last_lines)))

    def _look_after(self, running: Running) -> None:
        code = running.exit_code()
        if code is not None:
            pause = running.bury()
            if running.quick_deaths >= MOST_QUICK_DEATHS:
                lines = "\n".join(running.last_lines)
                raise CannotRun(f"{running.part.name} keeps dying (exit code {code}). Its last lines:\n{lines}")
            self.say(
                f"ended with exit code {code}; starting again in {pause:.1f} s",
                running.part.name,
            )
        elif running.is_due():
            running.start()

    def _is_hurried_for(self, running: Running) -> bool:
        # A server that keeps data is given its time even so: killed, it would have to recover at the next start.
        return self._asked > 0 and not running.part.keeps_data

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._asked += 1

    def _breathe(self) -> None:
        if self._asked:
            raise Stopped
        time.sleep(TICK_SECONDS)
