"""What the tests of the SDK share: a server that speaks the contract, clients of it, and a clock that can be moved.

They need no database and no Django, and run from any directory.
"""

from __future__ import annotations

import logging
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for place in (HERE, HERE.parent / "src"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))

from cloudlicenses_client import LicenseClient  # noqa: E402 - found through the two places above
from sdk_contract_server import ALICE, API_KEY, HOST, PRODUCT, ContractServer  # noqa: E402 - likewise
from sdk_stage import MovableClock, serving  # noqa: E402 - likewise


@pytest.fixture(autouse=True)
def warnings_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever level the surrounding project gives its loggers."""
    caplog.set_level(logging.WARNING, logger="cloudlicenses_client")


@pytest.fixture
def movable() -> MovableClock:
    return MovableClock()


@pytest.fixture
def server() -> Iterator[ContractServer]:
    yield from serving(ContractServer())


@pytest.fixture(scope="session")
def authorities() -> ssl.SSLContext:
    """Loaded once: it takes longer than most tests."""
    return ssl.create_default_context()


@pytest.fixture
def options(tmp_path: Path, movable: MovableClock, authorities: ssl.SSLContext) -> dict[str, Any]:
    """Client options for a machine of its own."""
    machine = {"hostname": HOST, "cache_dir": tmp_path / "cache", "clock": movable.clock()}
    return {**machine, "timeout": 60.0, "verify": authorities}


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


@pytest.fixture
def crashed(server: ContractServer, new_client: Callable[..., LicenseClient], movable: MovableClock) -> str:
    """An application took a seat, was killed, and now the network is gone. Answers the lease's id."""
    server.now = movable.wall
    server.heartbeat_seconds = 0.1
    client = new_client()
    lease = client.checkout(user=ALICE)
    client.close()
    server.is_down = True
    return lease.id


@pytest.fixture
def restarted(new_client: Callable[..., LicenseClient]) -> LicenseClient:
    return new_client(max_retries=0)
