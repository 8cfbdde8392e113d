"""PostgreSQL restarts under a running product: 503 meanwhile, then everything goes on, without a restart of anything of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import httpx
import pytest

from tests.licensing.workstations import CHECKOUT, RETURN
from torture.house import WEB, House, house, open_up
from torture.volume import LimitedVolume

PATIENCE_SECONDS = 120


@dataclass
class Customer:
    """One workstation of a customer in a house of its own."""

    built: House
    site: dict[str, str]

    def post(self, path: str, body: object, operation: str = "") -> httpx.Response:
        headers = {
            "Host": self.site["host"],
            "Authorization": f"Bearer {self.site['key']}",
            "Idempotency-Key": operation,
        }
        return self._ask("POST", path, json=body, headers=headers)

    def ready(self) -> httpx.Response:
        return self._ask("GET", "/readyz")

    def check_out(self, operation: str) -> httpx.Response:
        return self.post(CHECKOUT, {"product_id": "compiler", "user": "anna"}, operation)

    def _ask(self, method: str, path: str, **content: object) -> httpx.Response:
        """Of one web process, without the road: nothing may be cut here."""
        url = f"http://127.0.0.1:{self.built.web_ports[0]}{path}"
        return httpx.request(method, url, timeout=60, trust_env=False, **content)


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    (tmp_path / "volume").mkdir()
    with mock.patch.dict(os.environ), house(tmp_path, LimitedVolume(tmp_path / "volume")) as built:
        command = (sys.executable, "-m", "torture.furnished", "1")
        furnished = subprocess.run(command, capture_output=True, check=True)
        open_up(built, tmp_path, "restart")
        yield Customer(built, json.loads(furnished.stdout)[0])


def test_postgresql_restarting_is_a_pause(customer: Customer) -> None:
    before = [customer.built.keeper.pid_of(name) for name in WEB]
    lease = customer.check_out("before").json()
    with customer.built.keeper.without("postgres"):
        time.sleep(1)
        for path, body in (
            (CHECKOUT, {"product_id": "compiler", "user": "anna"}),
            (RETURN, {"lease_id": lease["lease_id"]}),
        ):
            away = customer.post(path, body, "meanwhile" if path == CHECKOUT else "")
            assert (away.status_code, away.json()["code"]) == (503, "database_unavailable")
            assert int(away.headers["Retry-After"]) > 0
        assert customer.ready().status_code == 503
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := customer.check_out("meanwhile")).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert answer.status_code == 201
    assert customer.check_out("before").json()["lease_id"] == lease["lease_id"]
    assert customer.post(RETURN, {"lease_id": lease["lease_id"]}).status_code == 200
    assert customer.ready().json()["status"] == "ready"
    assert [customer.built.keeper.pid_of(name) for name in WEB] == before
