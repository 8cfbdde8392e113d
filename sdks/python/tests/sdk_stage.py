"""What tests stand on: a clock that can be moved, a server that runs, and waiting for what comes to hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cloudlicenses_client import Clock
from sdk_contract_server import ContractServer

SOURCE = Path(__file__).resolve().parent.parent / "src"


class MovableClock:
    """Both clocks of a machine, running, and moved by hand."""

    def __init__(self) -> None:
        self._wall = 0.0
        self._monotonic = 0.0

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._wall += seconds
        self._monotonic += seconds

    def set_wall(self, seconds: float) -> None:
        """Somebody sets the clock by so much; no time passes."""
        self._wall += seconds

    def wall(self) -> float:
        return time.time() + self._wall

    def clock(self) -> Clock:
        return Clock(self.wall, lambda: time.monotonic() + self._monotonic)


def serving(server: ContractServer) -> Iterator[ContractServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.woken.set()
    server.shutdown()
    server.server_close()
    thread.join()


def eventually(holds: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until it holds; fail if it doesn't in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        threading.Event().wait(0.01)
