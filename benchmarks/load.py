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
import resource
import select
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from benchmarks.asking import Connection, Requests
from benchmarks.scenario import Scenario, Site

PATIENCE_SECONDS = 30.0
MOST_REFUSED = 10_000  # while seats are filled or given back
SHED, RETRY_AFTER = (429, 503), b"etry-"


def main() -> int:
    read: dict[str, Any] = json.load(sys.stdin)
    scenario = Scenario(**{**read, "sites": [Site(**site) for site in read["sites"]]})
    load = OpenLoop(scenario) if scenario.rate else ClosedLoop(scenario)
    gc.disable()
    print(json.dumps(load.run()))
    return 0


class Load(ABC):
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
        rates = self._rates()
        self._drive(lambda: False, self.requests.next)  # what is on its way is waited for: it may be the slowest of all
        figures = {**rates, **self._latencies()}
        self._give_back()
        return figures

    @abstractmethod
    def _work(self, until: float) -> None:
        """Ask and be answered until then."""

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
        busy, refused = len(self.connections) - len(free), len(self.refused)
        while busy or is_wanted():
            while free and is_wanted():
                free.pop().ask(request(), time.perf_counter())
                busy += 1
            answered = self.poll.poll(PATIENCE_SECONDS)
            if not answered or len(self.refused) - refused > MOST_REFUSED:
                raise RuntimeError(f"The leases can't be had or given back: {dict(self.statuses)}")
            for descriptor, _ in answered:
                if connection := self._take(descriptor):
                    free.append(connection)
                    busy -= 1

    def _forget_figures(self) -> None:
        self.statuses: Counter[int | str] = Counter()
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.began, self.cpu = time.perf_counter(), _cpu_seconds()

    def _rates(self) -> dict[str, Any]:
        lasted, answers = time.perf_counter() - self.began, len(self.accepted) + len(self.refused)
        return {
            "ops": len(self.accepted) / lasted,
            "cpu_us_per_op": (_cpu_seconds() - self.cpu) / max(1, answers) * 1e6,
        }

    def _latencies(self) -> dict[str, Any]:
        unsent = self._unsent()
        return {
            **percentiles("", self.accepted + unsent),
            **percentiles("refused_", self.refused),
            "unsent": len(unsent),
            "statuses": {str(status): count for status, count in self.statuses.items()},
        }

    def _unsent(self) -> list[float]:
        """How long those have waited that were due and found no free connection until the end."""
        return []


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
        self.chance = scenario.dice(1)
        self.free = deque(self.connections.values())
        self.due = time.perf_counter()
        self.waiting: deque[float] = deque()

    def _work(self, until: float) -> None:
        waiting = self.waiting
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

    def _unsent(self) -> list[float]:
        return [time.perf_counter() - due for due in self.waiting]

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
