"""The web process, in a deployment and everywhere else: uvicorn, with an end that costs no client a request.

    python -m cloudlicenses.serving --socket /run/web/web.sock
    python -m cloudlicenses.serving --host 0.0.0.0 --port 8000

Told to stop (SIGTERM), uvicorn takes no more connections, finishes what it has begun, and closes idle connections at once: a
request that a proxy sends at that instant is lost. So here an idle connection stays for `DRAIN_SECONDS`, its next answer says
`Connection: close`, and a proxy whose own idle time is shorter (deploy/nginx) never finds one closed under a request.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import socket
import sys
from contextlib import suppress
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from cloudlicenses.bounds import PATIENCE_SECONDS, BoundedProtocol
from cloudlicenses.web.requests import BY_SOCKET

DRAIN_SECONDS = 5.0  # longer than nginx keeps an idle connection
MOST_HELD_BACK = 64 * 1024  # bytes that wait for the end of a turn of the loop
DID_NOT_START = 3  # as uvicorn's own command exits
COLLECTED_AFTER = (10_000, 10, 10)  # new objects; collections of the youngest, of the middle generation
GRACE_SECONDS = 20  # for answers that are under way, event streams among them


class OneWrite:
    """A transport that hands to the socket in one go what is written in one turn of the loop: uvicorn writes head and body of an
    answer one after the other, and each write is a system call and a packet."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._hand_over)
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= MOST_HELD_BACK:
            self._hand_over()  # so that the transport can say when it is enough

    def close(self) -> None:
        self._hand_over()
        self._transport.close()

    def _hand_over(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))


class Protocol(BoundedProtocol):
    """One connection, which after the end was announced serves no more than the request that is there or comes next."""

    drain_seconds = DRAIN_SECONDS
    is_draining = False
    is_by_socket = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrowed by uvicorn, too
        super().connection_made(cast(asyncio.Transport, OneWrite(transport, self.loop)))
        if self.is_by_socket:
            self.client = (BY_SOCKET, 0)

    def shutdown(self) -> None:
        self.is_draining = True
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        if cycle is None or cycle.response_complete:
            self.loop.call_later(self.drain_seconds, super().shutdown)
        else:
            super().shutdown()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.is_draining:
            self.cycle.keep_alive = False  # so its answer says that it is the last


class Server(uvicorn.Server):
    """Sets aside what has been loaded by the start, since it stays to the end: the garbage collector went through all of it
    every few thousand requests, and everybody waited for 160 ms. What comes after it is looked at less often: a request
    leaves hardly any cycles."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTED_AFTER)


def main(arguments: list[str]) -> None:
    """Serve until told to stop. Exits with code 3 when it could not start."""
    read = _parser().parse_args(arguments)
    options = {"drain_seconds": read.drain, "patience_seconds": read.patience, "is_by_socket": bool(read.socket)}
    protocol = type("Protocol", (Protocol,), options)
    # Uvicorn's own proxy headers stay off: the application believes the proxies in TRUSTED_PROXIES, and nobody else.
    server = Server(uvicorn.Config(
        read.application, host=read.host, port=read.port, uds=read.socket, http=protocol, ws="none", lifespan="on",
        access_log=False, log_level=read.log_level, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=read.grace,
    ))  # fmt: skip
    # Uvicorn takes every descriptor for a Unix socket's. Over TCP it would then wait 40 ms between the head of an answer and its
    # body (Nagle's algorithm meets delayed acknowledgements, RFC 1122, 4.2.3); so the socket itself says here what it is.
    with suppress(KeyboardInterrupt):
        server.run([socket.socket(fileno=read.fd)] if read.fd is not None else None)
    if not server.started:
        sys.exit(DID_NOT_START)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cloudlicenses.serving")
    parser.add_argument("--application", default="cloudlicenses.asgi:application", help="what is served, module:name")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--socket", help="a Unix socket to listen at, shared with the proxy, instead of host and port")
    parser.add_argument("--fd", type=int, help="a socket that listens already, instead of host and port")
    parser.add_argument(
        "--drain", type=float, default=DRAIN_SECONDS, help="seconds that idle connections stay at the end"
    )
    parser.add_argument("--grace", type=int, default=GRACE_SECONDS, help="seconds for answers that are under way then")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        help="seconds without getting on, twice, that cut a client off",
    )
    parser.add_argument("--log-level", default="info")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
