"""What the tests of the SDK share: a server that speaks the contract, clients of it, and a clock that can be moved.

They need no database and no Django, and run from any directory.
"""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for place in (HERE, HERE.parent / "src"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))

from cloudlicenses_client import Clock, LicenseClient  # noqa: E402 - found through the two places above
from sdk_contract_server import API_KEY, HOST, PRODUCT, ContractServer  # noqa: E402 - likewise


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


@pytest.fixture
def movable() -> MovableClock:
    return MovableClock()


@pytest.fixture
def server() -> Iterator[ContractServer]:
    yield from serving(ContractServer())


def serving(server: ContractServer) -> Iterator[ContractServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.woken.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def authorities() -> ssl.SSLContext:
    """Loaded once: it takes longer than most tests."""
    return ssl.create_default_context()


@pytest.fixture
def options(tmp_path: Path, movable: MovableClock, authorities: ssl.SSLContext) -> dict[str, Any]:
    """Client options for a machine of its own."""
    machine = {"hostname": HOST, "cache_dir": tmp_path / "cache", "clock": movable.clock()}
    return {**machine, "timeout": 2.0, "verify": authorities}


@pytest.fixture
def new_client(server: ContractServer, options: dict[str, Any]) -> Iterator[Callable[..., LicenseClient]]:
    """Makes clients of the server, and closes them."""
    clients = []

    def make(**changed: Any) -> LicenseClient:
        client = LicenseClient(server.url, API_KEY, PRODUCT, **{**options, **changed})
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(new_client: Callable[..., LicenseClient]) -> LicenseClient:
    return new_client()


def eventually(holds: Callable[[], object], seconds: float = 3.0) -> None:
    """Wait until it holds; fail if it doesn't in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        threading.Event().wait(0.01)
