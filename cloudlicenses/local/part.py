"""One process of the product, as the supervisor sees it: what to start, how to stop it, how to know it is ready."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Part:
    """A process to keep running. It stops on `stop_signal`, and is killed `patience` seconds later."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    identity: str = "same"
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    keeps_data: bool = False
    is_ready: Callable[[], bool] = _always
    ready_within: float = 30.0


@dataclass(frozen=True)
class Server:
    """A part that others use, and the URL that it will answer at."""

    part: Part
    url: str


def spawn(part: Part, output: int) -> subprocess.Popen[bytes]:
    """Start `part` in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone."""
    return subprocess.Popen(
        launched(part.command, stop_signal=part.stop_signal, identity=part.identity),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, **part.environment},
        start_new_session=True,
    )


def launched(
    command: tuple[str, ...],
    *,
    stop_signal: int = signal.SIGTERM,
    identity: str = "same",
) -> list[str]:
    """The command line that runs `command` tied to this process, under `identity`."""
    own = [
        sys.executable,
        "-S",
        "-E",
        str(LAUNCH),
        str(os.getpid()),
        str(int(stop_signal)),
        identity,
    ]
    return [*own, *command]
