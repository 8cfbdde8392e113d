"""1,000 idle event streams on one process: what they cost in memory, and how soon a checkout is told on every one of them."""

from __future__ import annotations

import json
import select
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.memory import resident_mb
from benchmarks.rounds import ROUNDS, goal
from benchmarks.scenario import Site
from benchmarks.scene import Furniture, Scene

FURNITURE = Furniture()
STREAMS, OPENED_AT_ONCE = 1_000, 16
MOST_MB, SLOWEST_MS = 100.0, 500.0
SETTLED_SECONDS, PATIENCE_SECONDS = 3.0, 30.0


def main(scene: Scene) -> bool:
    with listening(scene, OPENED_AT_ONCE):
        time.sleep(SETTLED_SECONDS)  # threads, pools and modules that the first streams bring
    before = resident_mb(scene.pid)
    with listening(scene, STREAMS) as streams:
        time.sleep(SETTLED_SECONDS)
        grown = resident_mb(scene.pid) - before
        took = [_told_on_all(scene, streams) for _ in range(ROUNDS)]
    slowest_ms = statistics.median(took) * 1000
    each = ", ".join(f"{seconds * 1000:.0f}" for seconds in took)
    print(f"        {grown * 1000 / STREAMS:.0f} kB a stream; the last of them heard of a checkout after {each} ms")
    return all([
        goal(f"memory of {STREAMS:,} idle streams", grown, MOST_MB, at_least=False, unit=" MB"),
        goal("from a checkout's request to the last stream", slowest_ms, SLOWEST_MS, at_least=False, unit=" ms"),
    ])  # fmt: skip


@contextmanager
def listening(scene: Scene, count: int) -> Iterator[list[socket.socket]]:
    """So many open streams of the first tenant, each past its beginning."""
    streams: list[socket.socket] = []
    try:
        while len(streams) < count:
            few = [_ask(scene) for _ in range(min(OPENED_AT_ONCE, count - len(streams)))]
            streams += few
            for stream in few:
                _read_beginning(stream)
        yield streams
    finally:
        for stream in streams:
            stream.close()


def _ask(scene: Scene) -> socket.socket:
    site = scene.sites[0]
    stream = socket.create_connection(("127.0.0.1", scene.port), timeout=PATIENCE_SECONDS)
    lines = [
        "GET /api/v1/events/stream HTTP/1.1",
        f"Host: {site.host}",
        "Accept: text/event-stream",
        *_credentials(site),
    ]
    stream.sendall("\r\n".join([*lines, "", ""]).encode())
    return stream


def _credentials(site: Site) -> list[str]:
    return [f"{name}: {value}" for name, value in {"Authorization": f"Bearer {site.key}", **site.headers}.items()]


def _read_beginning(stream: socket.socket) -> None:
    """Up to the first sign of life: from then on nothing that happens is missed."""
    said = b""
    while b"\nid: " not in said:
        more = stream.recv(65536)
        said += more
        if not more or not said.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"The stream was not opened: {said[:300]!r}")


def _told_on_all(scene: Scene, streams: list[socket.socket]) -> float:
    """Seconds from sending a checkout until its event has arrived on the last of the streams."""
    site = scene.sites[0]
    began = time.perf_counter()
    answer = httpx.post(
        f"http://127.0.0.1:{scene.port}/api/v1/licenses/checkout", json={"product_id": site.products[0], "user": "engineer"},
        headers={"Host": site.host, "Authorization": f"Bearer {site.key}", **site.headers}, trust_env=False,
    )  # fmt: skip
    lease = json.dumps(answer.raise_for_status().json()["lease_id"]).encode()
    _wait_for(lease, streams)
    return time.perf_counter() - began


def _wait_for(lease: bytes, streams: list[socket.socket]) -> None:
    heard = {stream.fileno(): b"" for stream in streams}
    by_number = {stream.fileno(): stream for stream in streams}
    poll = select.epoll()
    for number in heard:
        poll.register(number, select.EPOLLIN)
    while heard:
        ready = poll.poll(PATIENCE_SECONDS)
        if not ready:
            raise TimeoutError(f"{len(heard)} streams were told nothing.")
        for number, _ in ready:
            heard[number] += by_number[number].recv(65536)
            if lease in heard[number]:
                poll.unregister(number)
                del heard[number]
