"""A part with its present process: starting it, passing its lines on, ending it and everything in its group."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO

from .guarding import Guard
from .part import Part, spawn

STEADY_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 10.0
TICK_SECONDS = 0.05


class Running:
    """One part, through as many processes as it takes."""

    def __init__(self, part: Part, guard: Guard, say: Callable[[str, str], None]) -> None:
        self.part = part
        self.quick_deaths = 0
        self.last_lines: deque[str] = deque(maxlen=15)
        self._guard = guard
        self._say = say
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start a process for the part."""
        process = spawn(self.part, subprocess.PIPE)
        self._guard.watch_over(process.pid, self.part.stop_signal)
        self._process, self._started_at = process, time.monotonic()
        if process.stdout is not None:
            self._reader = threading.Thread(target=self._pass_on, args=(process.stdout,), daemon=True)
            self._reader.start()

    def exit_code(self) -> int | None:
        """How the process ended, or None while it runs. Learning of the end takes the rest of its group away."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._sweep(self._process.pid)
        return code

    def bury(self) -> float:
        """Note that the process has died by itself, and say how long to wait before the next one."""
        lived = time.monotonic() - self._started_at
        self.quick_deaths = 1 if lived > STEADY_SECONDS else self.quick_deaths + 1
        pause: float = min(0.25 * 2**self.quick_deaths, LONGEST_PAUSE_SECONDS)
        self._process, self._start_again_at = None, time.monotonic() + pause
        return pause

    def is_due(self) -> bool:
        """Whether the part is without a process and has waited long enough for its next."""
        return self._process is None and time.monotonic() >= self._start_again_at

    def tell_to_stop(self) -> None:
        """Send the part its own signal, and do not wait."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, self.part.stop_signal)

    def end(self, is_hurried: Callable[[], bool]) -> None:
        """Wait for a process that was told to stop; kill it when it takes too long or `is_hurried`."""
        if self._process is None:
            return
        give_up_at = time.monotonic() + self.part.patience
        while self._process.poll() is None and time.monotonic() < give_up_at and not is_hurried():
            time.sleep(TICK_SECONDS)
        self._sweep(self._process.pid)
        self._process = None

    def _sweep(self, group: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=1)
        self._guard.forget(group)

    def _pass_on(self, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(text)
                self._say(text, self.part.name)
