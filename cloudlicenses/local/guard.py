"""Ends what a killed supervisor leaves behind.

    supervisor's pipe ──▶ guard.py       "+PID SIGNAL" a process group has started, "-PID" it has ended

The supervisor alone holds the writing end. When it closes, however the supervisor died, the groups still listed are
sent their signal, given a moment, and killed. Runs as a script in a session of its own, on the standard library alone.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable

PATIENCE_SECONDS = 5.0


def main(lines: Iterable[str]) -> None:
    """Follow the supervisor's notes until they end, then end what they still list."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in lines:
        _note(groups, line)
    _end(groups)


def _note(groups: dict[int, int], line: str) -> None:
    if line.startswith("+"):
        pid, stop_signal = line[1:].split()
        groups[int(pid)] = int(stop_signal)
    elif line.startswith("-"):
        groups.pop(int(line[1:]), None)


def _end(groups: dict[int, int]) -> None:
    for pid, stop_signal in groups.items():
        _send(os.kill, pid, stop_signal)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at and any(_is_there(pid) for pid in groups):
        time.sleep(0.05)
    for pid in groups:
        _send(os.killpg, pid, signal.SIGKILL)


def _is_there(group: int) -> bool:
    return _send(os.killpg, group, 0)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.stdin)
