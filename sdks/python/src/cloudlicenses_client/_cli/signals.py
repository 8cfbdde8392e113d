"""Signals while a seat is held: noted, passed on to the command, never fatal to the one who has a seat to return."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from types import FrameType, TracebackType
from typing import Any

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")
_SLICE = 0.1


class Interrupted(Exception):
    """A signal came before the command was started."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


class Signals:
    """Within the block, signals that would end this process are caught."""

    def __init__(self) -> None:
        self.received: list[int] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for name in _NAMES:
            number = getattr(signal, name, None)
            # What is ignored stays ignored, here and in the command: nohup relies on it.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._former[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)

    def pause(self, seconds: float) -> None:
        """Sleep; raises `Interrupted` as soon as a signal has come."""
        end = time.monotonic() + seconds
        while True:
            if self.received:
                raise Interrupted(self.received[0])
            left = end - time.monotonic()
            if left <= 0:
                return
            # A handler can't cut a sleep short without raising, so sleep in slices.
            time.sleep(min(left, _SLICE))

    def pass_on_to(self, child: subprocess.Popen[bytes]) -> None:
        """From now on signals are the command's, those included that came while it was being started."""
        self._child = child
        for number in self.received:
            child.send_signal(number)

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        if self._child is None:
            self.received.append(number)
        elif not _terminal_told_the_command(number):
            self._child.send_signal(number)


def _terminal_told_the_command(number: int) -> bool:
    """Ctrl-C at a terminal reaches its whole foreground group, the command included; passing it on would double it."""
    if number not in (signal.SIGINT, getattr(signal, "SIGQUIT", None)) or not hasattr(os, "tcgetpgrp"):
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
