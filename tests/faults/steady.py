"""Clients that check out and return, each over one keep-alive connection, and never ask twice: whatever fails is seen."""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from tests.licensing.workstations import CHECKOUT, RETURN
from tests.servers import NO_TLS

PATIENCE_SECONDS = 120
MORE = 10


class Client(threading.Thread):
    """Of one customer. `answers` counts what it was told, and what came instead."""

    def __init__(self, url: str, host: str, key: str, product_id: str, trusting: ssl.SSLContext = NO_TLS) -> None:
        super().__init__(daemon=True)
        self.over, self.answers, self._product_id = threading.Event(), Counter[str](), product_id
        headers = {"Host": host, "Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, verify=trusting, trust_env=False, timeout=60)

    def run(self) -> None:
        with self._http:
            while not self.over.is_set():
                answer = self._post(CHECKOUT, {"product_id": self._product_id, "user": "anna"})
                if answer is not None and answer.status_code == 201:
                    self._post(RETURN, {"lease_id": answer.json()["lease_id"]})

    def _post(self, path: str, body: object) -> httpx.Response | None:
        try:
            answer = self._http.post(path, json=body)
        except httpx.TransportError as error:
            self.answers[repr(error)] += 1
            return None
        self.answers[f"{path.rpartition('/')[2]} {answer.status_code}"] += 1
        return answer


@contextmanager
def at_work(clients: Sequence[Client]) -> Iterator[None]:
    """Until the end, at which each has answered or heard its last."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.over.set()
        for client in clients:
            client.join()


def until_each_has_done_more(clients: Sequence[Client]) -> None:
    """However slow the machine is."""
    before = [client.answers.total() for client in clients]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(client.answers.total() < count + MORE for client, count in zip(clients, before, strict=True)):
        assert time.monotonic() < deadline, [client.answers for client in clients]
        time.sleep(0.05)


def heard_by(clients: Sequence[Client]) -> set[str]:
    return {answer for client in clients for answer in client.answers}
