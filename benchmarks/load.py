"""Load from a process of its own: checkouts and returns over keep-alive HTTP, at as little cost of its own as Python can.

Reads a `Scenario` as JSON from stdin, prints what came of it as JSON: `echo '{…}' | python -m benchmarks.load`.
Closed loop (`rate` 0): every connection asks again as soon as it is answered. Open loop: requests arrive at random (Poisson) at
the offered rate whatever the server does, and each one's latency counts from the instant at which it was due, so a server that
stalls can't hide it by slowing the load down (no coordinated omission).

Plain sockets and epoll, prebuilt requests, answers searched instead of parsed; `cpu_us_per_op` says what that costs.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import select
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any

DRAWS = 1 << 16
PATIENCE_SECONDS = 30.0
MOST_REFUSED_WHILE_FILLING = 1000
SHED, RETRY_AFTER = (429, 503), b"etry-"


@dataclass(frozen=True)
class Site:
    """Where and with what to ask: a tenant's host, a key, the products to draw from, and what else goes with each request."""

    host: str
    key: str
    products: list[str]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """`zipf`: how unevenly sites are drawn (0: all alike). `rate` 0: closed loop.

    `hold`: how many leases stay checked out, with `fill` from the beginning, else as they come.
    """

    port: int
    sites: list[Site]
    connections: int = 32
    seconds: float = 4.0
    warm_up: float = 0.5
    rate: float = 0.0
    zipf: float = 0.0
    hold: int = 0
    fill: bool = False
    seed: int = 1

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def main() -> int:
    read: dict[str, Any] = json.load(sys.stdin)
    scenario = Scenario(**{**read, "sites": [Site(**site) for site in read["sites"]]})
    load = OpenLoop(scenario) if scenario.rate else ClosedLoop(scenario)
    gc.disable()
    print(json.dumps(load.run()))
    return 0


class Requests:
    """What to send next: the return of the lease held longest once more than `hold` are held, else a checkout."""

    def __init__(self, scenario: Scenario) -> None:
        chance = random.Random(scenario.seed)  # noqa: S311 - a load is to be repeatable, not secret
        weights = [1 / (rank + 1) ** scenario.zipf for rank in range(len(scenario.sites))]
        products = [[(index, self._checkout(site, one)) for one in site.products]
                    for index, site in enumerate(scenario.sites)]  # fmt: skip
        drawn = chance.choices(products, weights, k=DRAWS if len(products) > 1 or len(products[0]) > 1 else 1)
        self._checkouts = cycle([chance.choice(of_site) for of_site in drawn])
        self._sites = scenario.sites
        self._returns: dict[tuple[int, int], bytes] = {}
        self.hold = scenario.hold
        self.held: deque[tuple[int, bytes]] = deque()

    def next(self) -> tuple[int, bytes, bytes]:
        """Of which site, what to send, and the lease that it returns (empty: a checkout)."""
        if len(self.held) > self.hold:
            return self.next_return()
        index, text = next(self._checkouts)
        return index, text, b""

    def next_return(self) -> tuple[int, bytes, bytes]:
        index, lease = self.held.popleft()
        head = self._returns.get((index, len(lease)))
        if head is None:
            head = self._returns[index, len(lease)] = self._return_head(self._sites[index], len(lease))
        return index, b'%b%b"}' % (head, lease), lease

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


class Load:
    """What both loops share: connections, answers, figures."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.requests = Requests(scenario)
        self.connections: dict[int, Connection] = {}
        self.poll = select.epoll()
        for _ in range(scenario.connections):
            self._register(Connection(scenario.port))
        self._forget_figures()

    def run(self) -> dict[str, Any]:
        if self.scenario.fill:
            self._fill()
        self._work(until=time.perf_counter() + self.scenario.warm_up)
        self._forget_figures()
        self._work(until=time.perf_counter() + self.scenario.seconds)
        figures = self._figures()
        self._give_back()
        return figures

    def _work(self, until: float) -> None:
        raise NotImplementedError

    def _register(self, connection: Connection) -> None:
        self.connections[connection.socket.fileno()] = connection
        self.poll.register(connection.socket, select.EPOLLIN)

    def _take(self, descriptor: int) -> Connection | None:
        """The connection that waited for this answer, when it is whole (or was lost) and it may ask again."""
        connection = self.connections[descriptor]
        try:
            got = connection.answer()
        except ConnectionError:
            return self._reopen(descriptor, connection)
        if got is None:
            return None
        self._note(connection, *got)
        return connection

    def _note(self, connection: Connection, status: int, data: bytes) -> None:
        took = time.perf_counter() - connection.started
        self.statuses[status] += 1
        if status in SHED and data.find(RETRY_AFTER, 0, data.index(b"\r\n\r\n")) < 0:
            self.statuses[f"{status} without Retry-After"] += 1
        (self.accepted if status < 300 else self.refused).append(took)
        if status == 201:
            start = data.index(b'"lease_id":"') + 12
            self.requests.held.append((connection.site, data[start : data.index(b'"', start)]))
        elif connection.lease and status in SHED:
            self.requests.held.append((connection.site, connection.lease))
        connection.site = -1

    def _reopen(self, descriptor: int, connection: Connection) -> Connection | None:
        was_asking = connection.site >= 0
        self.statuses["connection lost"] += was_asking
        self.poll.unregister(descriptor)
        del self.connections[descriptor]
        connection.socket.close()
        connection.open()
        self._register(connection)
        return connection if was_asking else None

    def _fill(self) -> None:
        """Check out as fast as answers come, until as many are held as shall be."""
        self._drive(lambda: len(self.requests.held) < self.scenario.hold, self.requests.next)

    def _give_back(self) -> None:
        """What is still held beyond `hold`, so that the next run finds the seats free."""
        self._drive(lambda: len(self.requests.held) > self.scenario.hold, self.requests.next_return)

    def _drive(self, is_wanted: Callable[[], bool], request: Callable[[], tuple[int, bytes, bytes]]) -> None:
        free = [connection for connection in self.connections.values() if connection.site < 0]
        busy = len(self.connections) - len(free)
        while busy or is_wanted():
            while free and is_wanted():
                free.pop().ask(request(), time.perf_counter())
                busy += 1
            answered = self.poll.poll(PATIENCE_SECONDS)
            if not answered or len(self.refused) > MOST_REFUSED_WHILE_FILLING + len(self.accepted):
                raise RuntimeError(f"The leases can't be had or given back: {dict(self.statuses)}")
            for descriptor, _ in answered:
                if connection := self._take(descriptor):
                    free.append(connection)
                    busy -= 1

    def _forget_figures(self) -> None:
        self.statuses: Counter[int | str] = Counter()
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.unsent: list[float] = []  # how long those that were due have waited for a free connection, to no avail
        self.began, self.cpu = time.perf_counter(), _cpu_seconds()

    def _figures(self) -> dict[str, Any]:
        lasted, answers = time.perf_counter() - self.began, len(self.accepted) + len(self.refused)
        return {
            "ops": len(self.accepted) / lasted,
            **percentiles("", self.accepted + self.unsent),
            **percentiles("refused_", self.refused),
            "unsent": len(self.unsent),
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "cpu_us_per_op": (_cpu_seconds() - self.cpu) / max(1, answers) * 1e6,
        }


class ClosedLoop(Load):
    def _work(self, until: float) -> None:
        requests, clock = self.requests, time.perf_counter
        for connection in self.connections.values():
            if connection.site < 0:
                connection.ask(requests.next(), clock())
        while clock() < until:
            for descriptor, _ in self.poll.poll(0.1):
                if ready := self._take(descriptor):
                    ready.ask(requests.next(), clock())


class OpenLoop(Load):
    """Arrivals that find no free connection wait their turn here; their latency has begun all the same."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.chance = random.Random(scenario.seed + 1)  # noqa: S311 - a load is to be repeatable, not secret
        self.free = deque(self.connections.values())
        self.due = time.perf_counter()

    def _work(self, until: float) -> None:
        waiting: deque[float] = deque()
        self.due = max(self.due, time.perf_counter())
        while (now := time.perf_counter()) < until:
            while self.due <= now:
                waiting.append(self.due)
                self.due += self.chance.expovariate(self.scenario.rate)
            while waiting and self.free:
                self.free.popleft().ask(self.requests.next(), waiting.popleft())
            self._sleep(min(self.due, until) - time.perf_counter())
            for descriptor, _ in self.poll.poll(0):
                if connection := self._take(descriptor):
                    self.free.append(connection)
        self.unsent += [until - due for due in waiting]

    def _sleep(self, seconds: float) -> None:
        """Until something is answered, or so long. An epoll object waits by the millisecond; select on it, by the microsecond."""
        select.select([self.poll], [], [], max(0.0, seconds))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def percentiles(of: str, took: list[float]) -> dict[str, float]:
    ranked = sorted(took) or [0.0]
    shares = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
    return {of + name: ranked[min(int(len(ranked) * share), len(ranked) - 1)] * 1000 for name, share in shares.items()}


if __name__ == "__main__":
    sys.exit(main())
