"""Requests that are ready to be sent, and connections that send them and look for no more in an answer than the load needs."""

from __future__ import annotations

import json
import socket
from collections import deque
from itertools import cycle

from benchmarks.scenario import Scenario, Site
from benchmarks.signers import Signers

DRAWS = 1 << 16


class Requests:
    """What to send next: the return of the lease held longest once more than `hold` are held, else a checkout."""

    def __init__(self, scenario: Scenario) -> None:
        chance = scenario.dice()
        weights = [1 / (rank + 1) ** scenario.zipf for rank in range(len(scenario.sites))]
        products = [[(index, self._checkout(site, one)) for one in site.products]
                    for index, site in enumerate(scenario.sites)]  # fmt: skip
        drawn = chance.choices(products, weights, k=DRAWS if len(products) > 1 or len(products[0]) > 1 else 1)
        self._checkouts = cycle([chance.choice(of_site) for of_site in drawn])
        self._sites = scenario.sites
        self._signers = [Signers(site) for site in scenario.sites]
        self._returns: dict[tuple[int, int], bytes] = {}
        self.hold = scenario.hold
        self.held: deque[tuple[int, bytes]] = deque()

    def next(self) -> tuple[int, bytes, bytes]:
        """Of which site, what to send, and the lease that it returns (empty: a checkout)."""
        if len(self.held) > self.hold:
            return self.next_return()
        index, text = next(self._checkouts)
        return index, self._signers[index].sign(text), b""

    def next_return(self) -> tuple[int, bytes, bytes]:
        index, lease = self.held.popleft()
        head = self._returns.get((index, len(lease)))
        if head is None:
            head = self._returns[index, len(lease)] = self._return_head(self._sites[index], len(lease))
        return index, self._signers[index].sign(b'%b%b"}' % (head, lease)), lease

    @staticmethod
    def _checkout(site: Site, product: str) -> bytes:
        body = json.dumps({"product_id": product, "user": "engineer@bench.example"}, separators=(",", ":")).encode()
        return _head(site, "checkout", len(body)) + body

    @staticmethod
    def _return_head(site: Site, length: int) -> bytes:
        return _head(site, "return", length + len(b'{"lease_id":""}')) + b'{"lease_id":"'


def _head(site: Site, what: str, length: int) -> bytes:
    own = "".join(f"{name}: {value}\r\n" for name, value in site.headers.items())
    return (
        f"POST /api/v1/licenses/{what} HTTP/1.1\r\nHost: {site.host}\r\nAuthorization: Bearer {site.key}\r\n{own}"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


class Connection:
    """One request at a time; `started` is when its latency begins to count."""

    __slots__ = ("buffer", "lease", "port", "site", "socket", "started")

    def __init__(self, port: int) -> None:
        self.port = port
        self.started = 0.0
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.site, self.lease = b"", -1, b""

    def ask(self, wanted: tuple[int, bytes, bytes], started: float) -> None:
        self.site, text, self.lease = wanted
        self.started = started
        self.socket.sendall(text)

    def answer(self) -> tuple[int, bytes] | None:
        """Status and whole answer, once it is whole. Raises ConnectionError when the server hung up."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError
        if self.buffer:
            data = self.buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _length(data, end):
            self.buffer = data
            return None
        self.buffer = b""
        return int(data[9:12]), data


def _length(data: bytes, end: int) -> int:
    at = data.find(b"ength:", 0, end)  # Content-Length, however it is spelt
    if at < 0:
        raise RuntimeError(f"An answer without Content-Length: {data[:end]!r}")
    return int(data[at + 6 : data.index(b"\r", at)])
