"""A new version under load: behind the proxy that we deploy, each web process is stopped and replaced, and no request fails."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from cloudlicenses.local.ports import kept_port
from tenants.context import inside
from tests import builders, cast
from tests.licensing.workstations import CHECKOUT, RETURN
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
        assert self.process.wait(40) in {0, -15}  # uvicorn ends in order, then by the signal that it was sent
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
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


class Client(threading.Thread):
    """Checks out and returns over one keep-alive connection, and never asks twice."""

    def __init__(self, port: int, key: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.over, self.answers = over, Counter[str]()
        headers = {"Host": f"mercedes.{settings.BASE_DOMAIN}", "Authorization": f"Bearer {key}"}
        self.http = httpx.Client(
            base_url=f"https://127.0.0.1:{port}", headers=headers, verify=False, trust_env=False, timeout=30  # noqa: S501 - our own
        )  # fmt: skip

    def run(self) -> None:
        with self.http:
            while not self.over.is_set():
                answer = self._post(CHECKOUT, {"product_id": cast.DAVINCI.id, "user": "anna"})
                if answer is not None and answer.status_code == 201:
                    self._post(RETURN, {"lease_id": answer.json()["lease_id"]})

    def _post(self, path: str, body: object) -> httpx.Response | None:
        try:
            answer = self.http.post(path, json=body)
        except httpx.TransportError as error:
            self.answers[repr(error)] += 1
            return None
        self.answers[f"{path.rpartition('/')[2]} {answer.status_code}"] += 1
        return answer


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


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("committed")
def test_no_request_fails_while_both_web_processes_are_replaced(tmp_path: Path) -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=100, commit_qty=100, max_overage=0)
        key = builders.tenant_key(checkouts_per_minute=1_000_000, requests_per_hour=1_000_000)
    over = threading.Event()
    with two_web_processes(tmp_path) as webs, proxies.started(tmp_path, tuple(web.port for web in webs)) as port:
        clients = [Client(port, key, over) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            for web in webs:
                over.wait(1)
                web.replace()
            over.wait(1)
        finally:
            over.set()
        for client in clients:
            client.join(40)
    answers = sum((client.answers for client in clients), Counter[str]())
    assert answers.keys() == {"checkout 201", "return 200"}
    assert answers.total() > 200
    assert faults_of("mercedes") == []
