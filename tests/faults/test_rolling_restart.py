"""A new version under load: behind the proxy that we deploy, each web process is stopped and replaced, and no request fails."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from cloudlicenses.local.ports import kept_port
from tenants.context import inside
from tests import builders, cast
from tests.faults.steady import Client, at_work, heard_by, until_each_has_done_more
from tests.local import proxies
from tests.races.auditing import faults_of

CLIENTS = 8
READY_WITHIN_SECONDS = 100


class Web:
    """One web process of the deployment, as its image starts it."""

    def __init__(self, directory: Path, name: str) -> None:
        self.port = kept_port(directory / f"{name}.port")
        self.start()

    def replace(self) -> None:
        """As a new version comes: the old one is told to stop and ends by itself, then the new one gets ready."""
        self.process.terminate()
        assert self.process.wait(120) in {0, -15}  # uvicorn ends in order, then by the signal that it was sent
        self.start()
        self.await_ready()

    def start(self) -> None:
        self.process = subprocess.Popen((sys.executable, "-m", "cloudlicenses.serving", "--port", str(self.port)))

    def await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.3)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False, timeout=60).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def two_web_processes(directory: Path) -> Iterator[list[Web]]:
    webs = [Web(directory, name) for name in proxies.WEB_PROCESSES]
    try:
        for web in webs:
            web.await_ready()
        yield webs
    finally:
        for web in webs:
            web.process.kill()
            web.process.wait()


@pytest.mark.usefixtures("committed")
def test_no_request_fails_while_both_web_processes_are_replaced(tmp_path: Path) -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=100, commit_qty=100, max_overage=0)
        key = builders.tenant_key(checkouts_per_minute=1_000_000, requests_per_hour=1_000_000)
    with two_web_processes(tmp_path) as webs, proxies.started(tmp_path, tuple(web.port for web in webs)) as port:
        host = f"mercedes.{settings.BASE_DOMAIN}"
        authority = ssl.create_default_context(cafile=tmp_path / "authority.pem")
        clients = [Client(f"https://localhost:{port}", host, key, cast.DAVINCI.id, authority) for _ in range(CLIENTS)]
        with at_work(clients):
            for web in webs:
                until_each_has_done_more(clients)
                web.replace()
            until_each_has_done_more(clients)
    assert heard_by(clients) == {"checkout 201", "return 200"}
    assert faults_of("mercedes") == []
