"""Valkey is gone: checkouts go on, limits hold in each process, `/readyz` says degraded; and all is as before when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cloudlicenses.local import valkey
from tenants.context import inside
from tests import builders, servers
from tests.licensing.workstations import Workstation
from torture.keeping import Keeper, keeping

LIMIT = 6  # requests an hour with the key that is limited


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    with keeping(tmp_path / "logs") as kept:
        yield kept


def granted_until_limited(workstation: Workstation) -> int:
    for count in range(10 * LIMIT):
        answer = workstation.check_out()
        if answer.status_code == 429:
            return count
        assert answer.status_code == 201
    raise AssertionError("No limit held.")


def state(server: servers.Server) -> str:
    answer = server.ask("GET", "/readyz")
    assert answer.status_code == 200
    return str(answer.json()["status"])


@pytest.mark.usefixtures("committed")
def test_without_valkey_limits_hold_in_each_process(keeper: Keeper, tmp_path: Path) -> None:
    cache = valkey.prepare(tmp_path / "valkey", is_lasting=False)
    keeper.start(cache.part)
    with inside("mercedes"):
        builders.granted(total_licenses=100, commit_qty=100, max_overage=0)
        free, limited = builders.tenant_key(), builders.tenant_key(requests_per_hour=LIMIT)
    with ExitStack() as stack:
        ours = [stack.enter_context(servers.running(REDIS_URL=cache.url)) for _ in range(2)]
        assert [state(server) for server in ours] == ["ready", "ready"]
        with keeper.without("valkey"):
            assert [granted_until_limited(Workstation(server, limited)) for server in ours] == [LIMIT, LIMIT]
            assert Workstation(ours[0], free).check_out().status_code == 201
            assert [state(server) for server in ours] == ["degraded", "degraded"]
        keeper.await_ready("valkey")
        assert [state(server) for server in ours] == ["ready", "ready"]
