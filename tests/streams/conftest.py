from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tenants.context import inside
from tests import builders, cast
from tests.licensing.workstations import Workstation
from tests.servers import Server
from tests.streams.listeners import Listener

Listen = Callable[..., Listener]


@pytest.fixture
def workstation(server: Server) -> Workstation:
    """A license of many seats at Mercedes, five of them prepaid, and a key that may do everything an application may."""
    with inside(cast.MERCEDES.id):
        builders.granted("lic-1", total_licenses=1000, commit_qty=5, max_overage=995, overage_per_use=Decimal("500.00"))
        return Workstation(server, builders.tenant_key(checkouts_per_minute=100_000, requests_per_hour=1_000_000))


@pytest.fixture
def listen(server: Server, workstation: Workstation) -> Listen:
    """`with listen() as heard:` with the workstation's key; anything else as `Listener` takes it."""

    def begin(**facts: object) -> Listener:
        return Listener(server, **{"key": workstation.key, **facts})  # type: ignore[arg-type]

    return begin
