"""The web process's own part of serving: what is written goes out in one go, whole, and never more than a client takes."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
import uvicorn

from cloudlicenses.serving import MOST_HELD_BACK, OneWrite, Protocol, Server
from licensing.plane.http import Receive, Scope, Send
from tests import servers

PIECE, PIECES = b"x" * 50_000, 400


class Site:
    """Small answers, large ones in chunks, and one that is cut off in the middle."""

    def __init__(self) -> None:
        self.sent = 0
        self.ended = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = {"/large": self._large, "/cut": self._cut}.get(scope["path"], self._small)
        try:
            await answer(send)
        finally:
            self.ended.set()

    async def _small(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"small"})

    async def _large(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(PIECES):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            self.sent += 1
        await send({"type": "http.response.body", "body": b""})

    async def _cut(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        transport: Any = send.__self__.transport  # type: ignore[attr-defined]  # as licensing/streams does
        transport.abort()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        yield client


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(site, http=Protocol, ws="none", lifespan="off", log_config=None)
        server = Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield int(listener.getsockname()[1])
        server.force_exit = server.should_exit = True
        thread.join(60)
        gc.unfreeze()


def get(port: int, **headers: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}/", headers=headers, trust_env=False, timeout=60)


def test_what_is_written_in_one_turn_is_one_write_and_much_is_not_held_back() -> None:
    class Written(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__()
            self.writes: list[bytes] = []
            self.closing = False

        def write(self, data: Any) -> None:
            self.writes.append(data)

        def is_closing(self) -> bool:
            return self.closing

        def close(self) -> None:
            self.closing = True

    async def write() -> list[bytes]:
        real = Written()
        transport = OneWrite(real, asyncio.get_running_loop())
        transport.write(b"head ")
        transport.write(b"body")
        assert real.writes == []
        await asyncio.sleep(0)
        transport.write(b"l" * MOST_HELD_BACK)
        assert len(real.writes) == 2, "so much goes at once"
        transport.write(b"last words")
        transport.close()
        transport.write(b"too late")
        await asyncio.sleep(0)
        return real.writes

    assert asyncio.run(write()) == [b"head body", b"l" * MOST_HELD_BACK, b"last words"]


def test_requests_sent_in_one_go_are_answered_in_their_order(port: int) -> None:
    with connected(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(1 << 20), b""))
    first, second = received.split(b"small", 1)
    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")
    assert second.count(b"x") == PIECES * len(PIECE)
    assert second.endswith(b"0\r\n\r\n"), "the end is there before the connection closes"


def test_no_more_is_sent_than_a_client_takes(site: Site, port: int) -> None:
    with (
        httpx.Client(trust_env=False, timeout=60) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/large") as answer,
    ):
        time.sleep(1)
        assert site.sent < PIECES, "all of it would lie in our memory"
        assert answer.read() == PIECE * PIECES


def test_a_client_that_hangs_up_in_the_middle_ends_its_answer_alone(site: Site, port: int) -> None:
    with connected(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)
    assert site.ended.wait(60)
    assert get(port).content == b"small"


def test_an_answer_that_is_cut_off_ends_its_connection_alone(site: Site, port: int) -> None:
    with connected(port) as client:
        client.sendall(b"GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
        with suppress(ConnectionResetError):
            assert client.recv(1000) == b""
    assert get(port).content == b"small"


def test_whoever_asks_for_another_protocol_gets_an_ordinary_answer(port: int) -> None:
    answer = get(
        port, Upgrade="websocket", Connection="Upgrade", **{"Sec-WebSocket-Key": "a" * 22 + "==", "Sec-WebSocket-Version": "13"}
    )  # fmt: skip
    assert (answer.status_code, answer.content) == (200, b"small")


def test_the_collector_leaves_alone_what_was_loaded_by_the_start(port: int) -> None:
    assert get(port).text == "small"
    assert gc.get_freeze_count() > len(gc.get_objects())


async def delaying(scope: Scope, receive: Receive, send: Any) -> None:
    """Answers whether the connection holds back what is small until the client has acknowledged what came before."""
    if scope["type"] == "lifespan":
        for told in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{told}.complete"})
        return
    accepted = send.__self__.transport.get_extra_info("socket")  # `send` is uvicorn's own
    is_prompt = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"at once" if is_prompt else b"delayed"})


def test_a_connection_of_a_socket_that_was_given_holds_nothing_back() -> None:
    with servers.running(command=(*servers.COMMAND, "--application", f"{__name__}:delaying")) as server:
        assert get(server.port).content == b"at once"
