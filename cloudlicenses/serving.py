"""The web process of a deployment: uvicorn, with an end that costs no client a request.

    python -m cloudlicenses.serving --host 0.0.0.0 --port 8000

Told to stop (SIGTERM), uvicorn takes no more connections, finishes what it has begun, and closes idle connections at once: a
request that a proxy sends at that instant is lost. So here an idle connection stays for `DRAIN_SECONDS`, its next answer says
`Connection: close`, and a proxy whose own idle time is shorter (deploy/nginx) never finds one closed under a request.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

DRAIN_SECONDS = 5.0  # longer than nginx keeps an idle connection
GRACE_SECONDS = 20  # for answers that are under way, event streams among them


class OneWrite:
    """A transport that hands to the socket in one go what is written in one turn of the loop: uvicorn writes head and body of an
    answer one after the other, and each write is a system call and a packet."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._hand_over)
        self._pieces.append(data)

    def close(self) -> None:
        self._hand_over()
        self._transport.close()

    def _hand_over(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))


class Protocol(HttpToolsProtocol):
    """One connection, which after the end was announced serves no more than the request that is there or comes next."""

    is_draining = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrowed by uvicorn, too
        super().connection_made(cast(asyncio.Transport, OneWrite(transport, self.loop)))

    def shutdown(self) -> None:
        self.is_draining = True
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        if cycle is None or cycle.response_complete:
            self.loop.call_later(DRAIN_SECONDS, super().shutdown)
        else:
            super().shutdown()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.is_draining:
            self.cycle.keep_alive = False  # so its answer says that it is the last


def main(arguments: list[str]) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="cloudlicenses.serving")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    read = parser.parse_args(arguments)
    # Uvicorn's own proxy headers stay off: the application believes the proxies in TRUSTED_PROXIES, and nobody else.
    uvicorn.run(
        "cloudlicenses.asgi:application", host=read.host, port=read.port, http=Protocol, lifespan="on",
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
