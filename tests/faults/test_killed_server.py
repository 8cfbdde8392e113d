"""The web process is killed in the middle of its work, again and again; clients retry with their idempotency keys.

Afterwards: every lease a client was told of exists, a retried request is one lease, and the books are right.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest

from licensing.models import Lease
from tenants.context import inside
from tests import builders, cast, servers
from tests.licensing.workstations import CHECKOUT, RETURN
from tests.races.auditing import faults_of

CLIENTS, KILLS, MORE = 12, 3, 20
PATIENCE_SECONDS = 120


class Client(threading.Thread):
    """Checks out and returns until told to stop; keeps each answer by its idempotency key; never takes silence for an answer."""

    def __init__(self, number: int, key: str, house: House, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.key, self.house, self.over = number, key, house, over
        self.told: dict[str, str] = {}
        self.faults: list[str] = []
        self.http = httpx.Client(timeout=60, trust_env=False, verify=servers.NO_TLS)

    def run(self) -> None:
        sequence = 0
        with self.http:
            while not self.over.is_set():
                sequence += 1
                self._one_session(f"{self.number}-{sequence}")

    def _one_session(self, name: str) -> None:
        body = {"product_id": cast.DAVINCI.id, "user": f"engineer{self.number}"}
        answer = self._insist(CHECKOUT, body, name)
        if answer is not None and answer.status_code == 201:
            self.told[name] = answer.json()["lease_id"]
            again = self._insist(CHECKOUT, body, name)
            if again is not None and again.json().get("lease_id") != self.told[name]:
                self.faults.append(f"{name}: {again.text}")
            self._insist(RETURN, {"lease_id": self.told[name]}, "")

    def _insist(self, path: str, body: dict[str, str], idempotency_key: str) -> httpx.Response | None:
        while not self.over.is_set():
            try:
                answer = self.http.post(
                    f"{self.house.url}{path}", json=body,
                    headers={"Host": self.house.host, "Authorization": f"Bearer {self.key}", "Idempotency-Key": idempotency_key},
                )  # fmt: skip
            except httpx.TransportError:
                self.over.wait(0.2)
                continue
            if answer.status_code != 503:
                return answer
            self.over.wait(0.05)
        return None


def _until_more_are_told(clients: list[Client]) -> None:
    """Of leases: so that each kill meets them at work, however slow the machine is."""
    wanted = sum(len(client.told) for client in clients) + MORE
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(len(client.told) for client in clients) < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.05)


class House:
    """Where the server is now; it moves to another port whenever it is started again."""

    url = ""
    host = ""

    @contextmanager
    def open(self) -> Iterator[servers.Server]:
        with servers.running() as server:
            self.url, self.host = server.url, server.host_of("mercedes")
            yield server


@pytest.mark.usefixtures("committed")
def test_a_server_killed_again_and_again_loses_and_doubles_nothing() -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=8, commit_qty=3, max_overage=5, overage_per_use=Decimal("500.00"))
        key = builders.tenant_key(checkouts_per_minute=1_000_000, requests_per_hour=1_000_000)
    house, over = House(), threading.Event()
    clients = [Client(number, key, house, over) for number in range(CLIENTS)]
    for kill in range(KILLS):
        with house.open() as server:
            if kill == 0:
                for client in clients:
                    client.start()
            _until_more_are_told(clients)
            server.process.kill()
            server.process.wait()
    with house.open():
        _until_more_are_told(clients)
        over.set()
        for client in clients:
            client.join()
    assert [fault for client in clients for fault in client.faults] == []
    told = [lease_id for client in clients for lease_id in client.told.values()]
    with inside("mercedes"):
        known = set(Lease.objects.values_list("id", flat=True))
    assert set(told) <= known
    assert len(set(told)) == len(told)
    assert faults_of("mercedes") == []
