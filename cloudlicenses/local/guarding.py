"""The supervisor's side of guard.py: tells it which process groups to end, should the supervisor be killed."""

import contextlib
import subprocess
import sys
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")


class Guard:
    """A guard of its own for this process, watching as long as `dismiss` isn't called."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-S", "-E", str(GUARD)),
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def watch_over(self, group: int, stop_signal: int) -> None:
        """End this group, by this signal, when the supervisor is killed."""
        self._tell(f"+{group} {stop_signal}")

    def forget(self, group: int) -> None:
        """This group has ended by itself, and its number may belong to others soon."""
        self._tell(f"-{group}")

    def dismiss(self) -> None:
        """Everything has ended in order: the guard is not needed any more."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, note: str) -> None:
        # A guard that was itself killed must not take the product down; the kernel's death signals remain.
        with contextlib.suppress(BrokenPipeError):
            print(note, file=self._process.stdin, flush=True)
