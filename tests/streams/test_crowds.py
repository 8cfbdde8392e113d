"""So many streams a tenant, so many a process; and one that reads too slowly is cut. The bounds are lowered, the rest is real."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tenants.context import inside
from tests import builders, cast, servers
from tests.licensing.workstations import Workstation
from tests.servers import Server
from tests.streams.listeners import PATH, Listener

WAITING_LIMIT = 16 * 1024
EVENTS = 600  # of half a KiB each: some times what the buffers on the way hold
ESTABLISHED = "01"
# The kernel would take megabytes for a client that doesn't read. Connections have what their listening socket has.
SMALL_BUFFERS = (
    "import socket; listening = socket.socket(fileno=int(sys.argv[-1])); "
    "listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096); listening.detach()"
)


@contextmanager
def serving(**bounds: float) -> Iterator[Server]:
    """The application in a process of its own, with other bounds of `licensing.streams`, written `module__NAME`."""
    lowered = {f"licensing.streams.{name.replace('__', '.')}": bound for name, bound in bounds.items()}
    with servers.running(command=servers.command_with(lowered, SMALL_BUFFERS)) as server:
        yield server


def listeners_of(server: Server, tenant_id: str, opened: ExitStack, count: int) -> list[Listener]:
    """Each with a key of its own."""
    with inside(tenant_id):
        keys = [builders.tenant_key(tenant_id) for _ in range(count)]
    return [opened.enter_context(Listener(server, key=key, label=tenant_id)) for key in keys]


@pytest.mark.usefixtures("committed")
def test_a_tenant_has_so_many_streams_and_leaves_others_theirs() -> None:
    with serving(app__MOST_OF_A_TENANT=2) as server, ExitStack() as opened:
        here = listeners_of(server, cast.MERCEDES.id, opened, 4)
        elsewhere = listeners_of(server, cast.BMW.id, opened, 1)
        assert [one.status for one in (*here, *elsewhere)] == [200, 200, 429, 429, 200]
        assert {one.problem["code"] for one in here[2:]} == {"too_many_streams"}
        here[0].__exit__()
        assert _comes_in(server, cast.MERCEDES.id), "who leaves makes room"


@pytest.mark.usefixtures("committed")
def test_a_process_has_so_many_streams() -> None:
    with serving(app__MOST_HERE=3) as server, ExitStack() as opened:
        at_mercedes = listeners_of(server, cast.MERCEDES.id, opened, 2)
        at_bmw = listeners_of(server, cast.BMW.id, opened, 3)
        assert [one.status for one in (*at_mercedes, *at_bmw)] == [200, 200, 200, 503, 503]
        assert all(int(one.headers["retry-after"]) > 0 for one in at_bmw[1:])


@pytest.mark.usefixtures("committed")
def test_a_listener_that_does_not_read_is_cut_and_the_others_hear_on() -> None:
    with serving(app__TICK=0.5, stream__SLOWEST_SEND=2.0, stream__MOST_WAITING=WAITING_LIMIT) as server:
        with inside(cast.MERCEDES.id):
            builders.granted("lic-1", total_licenses=10, commit_qty=10, max_overage=0)
            key = builders.tenant_key(checkouts_per_minute=100_000, requests_per_hour=1_000_000)
        workstation = Workstation(server, key)
        with _deaf(server, key) as deaf, Listener(server, key=key) as hearing:
            for _ in range(EVENTS):
                assert workstation.check_out(user="u" * 254, product_id="p" * 100).status_code in {403, 404, 409}
            hearing.wait_for(lambda events: len(events) == EVENTS, seconds=60)
            _wait_until_hung_up(server, deaf)
            received = b"".join(iter(lambda: deaf.recv(1 << 16), b""))
            assert received.startswith(b"HTTP/1.1 200")
            assert not received.endswith(b"0\r\n\r\n"), "it was to be cut, not to be finished once it reads again"
            assert not hearing.is_closed


def _comes_in(server: Server, tenant_id: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with ExitStack() as opened:
            if listeners_of(server, tenant_id, opened, 1)[0].status == 200:
                return True
        time.sleep(0.2)
    return False


@contextmanager
def _deaf(server: Server, key: str) -> Iterator[socket.socket]:
    """Asks for the stream and never reads it; its buffer is small, so that the server's fills up soon."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.settimeout(60)
        deaf.connect(("127.0.0.1", server.port))
        host = server.host_of(cast.MERCEDES.id)
        deaf.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        while not deaf.recv(1, socket.MSG_PEEK):  # until it has joined
            time.sleep(0.05)
        yield deaf


def _wait_until_hung_up(server: Server, client: socket.socket) -> None:
    """The server has closed its end; the client can't see that while it doesn't read what came before."""
    ends = f"{server.port:04X}", f"{client.getsockname()[1]:04X}"
    deadline = time.monotonic() + 60
    while _state(*ends) == ESTABLISHED:
        assert time.monotonic() < deadline, "it does not read, and is not cut"
        time.sleep(0.1)


def _state(local_port: str, remote_port: str) -> str:
    """Of one end of a connection, as the kernel lists it; empty when there is none any more."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    ends = {(row[1].partition(":")[2], row[2].partition(":")[2]): row[3] for row in rows}
    return ends.get((local_port, remote_port), "")
