"""Whoever sends or reads slowly is cut off, and keeps nobody else waiting meanwhile: neither Django's few threads nor the plane."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from cloudlicenses.bounds import LARGEST_HEAD, MOST_HEADERS
from cloudlicenses.bridge import DJANGO_THREADS
from tenants.context import inside
from tests import builders, cast, servers
from tests.attacks import wire
from tests.servers import Server

PATIENCE = 1.0
DRIPS = 150
CROWD = DJANGO_THREADS + 4
LARGE_FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
SIZE, AT_ONCE = 1_000_000, 12  # so many of it the kernel does not take for a client


@pytest.fixture(scope="module")
def _hasty(django_db_setup: None) -> Iterator[Server]:
    with servers.running(command=(*servers.COMMAND, "--patience", str(PATIENCE))) as server:
        yield server


@pytest.fixture
def hasty(_hasty: Server, committed: None) -> Server:
    """The same server, with less patience."""
    return _hasty


@pytest.fixture
def key(committed: None) -> str:
    with inside(cast.MERCEDES.id):
        builders.granted(total_licenses=5)
        return builders.tenant_key()


def crowd(server: Server, stack: ExitStack, start: bytes, *, read_buffer: int = 0) -> list[socket.socket]:
    """More than there are threads, each with the start of a request sent."""
    found = [stack.enter_context(wire.connected(server, read_buffer=read_buffer)) for _ in range(CROWD)]
    for connection in found:
        connection.sendall(start)
    return found


def is_cut_off(connection: socket.socket, byte: bytes) -> bool:
    """A byte now and then, for far longer than the server has patience: whether it hangs up meanwhile."""
    connection.settimeout(PATIENCE / 5)
    try:
        for _ in range(DRIPS):
            connection.sendall(byte)
            with suppress(TimeoutError):
                if not connection.recv(1000):
                    return True
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize(
    ("start", "byte"),
    [
        (b"", b"\r"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"a"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\n"),
        (b"POST /login HTTP/1.1\r\nHost: mercedes.localhost\r\nContent-Length: 1000\r\n\r\n", b"a"),
        (b"POST /login HTTP/1.1\r\nHost: mercedes.localhost\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
    ids=["says nothing", "head", "between two requests", "body", "chunks"],
)
def test_whoever_drips_is_cut_off(hasty: Server, start: bytes, byte: bytes) -> None:
    with wire.connected(hasty) as connection:
        connection.sendall(start)
        assert is_cut_off(connection, byte)


def test_slow_bodies_keep_nobody_waiting(hasty: Server, key: str) -> None:
    """Strangers' at a page, and at the API; with a good key, at the plane."""
    page = wire.head("POST", "/login", "mercedes.localhost", "Content-Length: 5000", "Content-Type: x/y") + b"email="
    plane = wire.head(
        "POST", "/api/v1/licenses/checkout", "mercedes.localhost", "Content-Length: 5000", f"Authorization: Bearer {key}"
    )  # fmt: skip
    with ExitStack() as stack:
        slow = crowd(hasty, stack, page) + crowd(hasty, stack, plane)
        started = time.monotonic()
        assert hasty.ask("GET", "/login", label="mercedes").status_code == 200
        wanted = {"product_id": cast.DAVINCI.id, "user": "anna"}
        assert hasty.ask("POST", "/api/v1/licenses/checkout", wanted, label="mercedes", key=key).status_code == 201
        assert time.monotonic() - started < wire.PATIENT_SECONDS / 2
        for connection in slow:
            wire.said(connection)  # ends, for the server hangs up


def test_slow_readers_keep_nobody_waiting(hasty: Server) -> None:
    with ExitStack() as stack:
        slow = crowd(hasty, stack, wire.head("GET", LARGE_FILE, "localhost") * AT_ONCE, read_buffer=4096)
        assert [connection.recv(12) for connection in slow] == [b"HTTP/1.1 200"] * CROWD
        started = time.monotonic()
        assert hasty.ask("GET", "/login", label="mercedes").status_code == 200
        assert time.monotonic() - started < wire.PATIENT_SECONDS / 2
        time.sleep(4 * PATIENCE)
        assert len(wire.said(slow[0])) < AT_ONCE * SIZE / 2, "it is cut off, and what the kernel had is all that comes"


def test_a_reader_that_gets_on_has_all_of_it(hasty: Server) -> None:
    with wire.connected(hasty, read_buffer=65536) as connection:
        connection.sendall(wire.head("GET", LARGE_FILE, "localhost", "Connection: close"))
        size = 0
        while piece := connection.recv(1 << 16):
            size += len(piece)
            time.sleep(0.1)
    assert size > SIZE


def test_a_head_has_an_end(hasty: Server) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: "
    answer = wire.ask(hasty, start + b"a" * 40 * LARGEST_HEAD)
    assert wire.statuses(answer) in ([400], []), "what is still being sent may sweep the answer away"


def test_the_end_of_a_large_body_is_no_head(hasty: Server) -> None:
    """Whatever is sent with it, in however many pieces."""
    body = b'{"tenant_id": "nobody", "verification_token": "%s"}' % (b"x" * 200_000)
    kept = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close")
    with wire.connected(hasty) as connection:
        connection.sendall(wire.head("POST", "/api/v1/tenants/verify", "localhost", *kept) + body[:70_000])
        time.sleep(0.2)
        connection.sendall(body[70_000:])
        answer = wire.said(connection)
    assert wire.statuses(answer) in ([404], [422]), answer
    assert b"problem+json" in answer


def test_there_are_not_too_many_headers(hasty: Server) -> None:
    for number, expected in ((MOST_HEADERS - 10, 200), (MOST_HEADERS + 1, 400)):
        lines = [f"X-{index}: a" for index in range(number)]
        assert wire.statuses(
            wire.ask(hasty, wire.head("GET", "/healthz", "localhost", "Connection: close", *lines))
        ) == [expected]


@pytest.mark.parametrize("path", ["/login", "/forgotten-password", "/api/v1/keys/generate"])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_has_an_end(hasty: Server, path: str, kind: str) -> None:
    """Otherwise Django would write a stranger's file to the disk, of any size."""
    start = wire.head("POST", path, "mercedes.localhost", f"Content-Type: {kind}", "Content-Length: 100000000")
    file = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    answer = wire.ask(hasty, start + file + b"a" * 4_000_000)
    assert wire.statuses(answer) in ([413], [])
