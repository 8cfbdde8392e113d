"""A license of 50 commit seats at Mercedes, and a client with a key of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from applications.signing import secrets
from cloudlicenses.web import wakeups
from tenants.context import acting_for, inside
from tests import builders, cast
from tests.applications.signers import BySecret, Client
from tests.servers import Server

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "sdks/python/src"))  # this tree's, whatever is installed


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """The server outlives the test: so it is told to forget what was decided."""
    with inside("mercedes"):
        builders.granted(total_licenses=50, commit_qty=50, max_overage=0)
        key = builders.tenant_key()
    yield Client(server, key)
    wakeups.announce("applications", "mercedes")
    for ware in cast.PRODUCTS:
        wakeups.announce("product", ware.id)


@pytest.fixture
def secret(committed: None) -> BySecret:
    """Vector's secret of DaVinci, which has to be used."""
    with acting_for(cast.VECTOR.id):
        text = secrets.generate(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id).text
        secrets.require(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id, is_required=True)
    return BySecret(text)


def becomes(found: Callable[[], object], expected: object, seconds: float = 60.0) -> object:
    """What is found at last: a change reaches the running server within a second, where that has one to itself."""
    deadline = time.monotonic() + seconds
    while (last := found()) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return last
