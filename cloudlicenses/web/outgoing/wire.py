"""One HTTP request to a stranger: to a judged address, within a total time, following nothing, reading little.

`GuardedTransport` is httpx's, over httpcore's pool with a network of our own: it resolves and judges (addresses.py), connects
to that address, and lets no step go on past the deadline, so that a server that answers a byte at a time holds us no longer
than one that doesn't answer.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from cloudlicenses.web.outgoing.addresses import resolved
from cloudlicenses.web.outgoing.problems import Unsent, of_connection

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
MOST_READ = 4096
JSON_HEADERS = {
    "content-type": "application/json",
    "user-agent": "CloudLicenses-Webhooks/1",
    "accept-encoding": "identity",
}


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and start of the answer. Raises `Unsent`, which says why for the delivery's log."""
    transport = GuardedTransport(deadline=time.monotonic() + TOTAL_SECONDS)
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return response.status_code, _start_of(response)
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise Unsent("timed_out") from None
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpx.TransportError,
        httpx.InvalidURL,
        ssl.SSLError,
    ) as error:
        raise of_connection(error) from None


def _start_of(response: httpx.Response) -> str:
    """A few thousand bytes are enough for a log. A status without the rest of its answer still is an answer."""
    read = b""
    try:
        for chunk in response.iter_raw():
            read += chunk
            if len(read) >= MOST_READ:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return read[:MOST_READ].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


class GuardedTransport(httpx.BaseTransport):
    def __init__(self, *, deadline: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=GuardedNetwork(deadline), max_connections=1
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to judged addresses only, and hands out streams that know the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError(f"{host} has no address.")
        for address in resolved(host, port):
            try:
                stream = self._plain.connect_tcp(
                    address, port, remaining(self._deadline, timeout), local_address, socket_options
                )
                return DeadlineStream(stream, self._deadline)
            except httpcore.ConnectError as error:
                problem = error
        raise problem


class DeadlineStream(httpcore.NetworkStream):
    """No single step may take us past the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, remaining(self._deadline, timeout))
        return DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def remaining(deadline: float, timeout: float | None) -> float:
    """How long the next step may take; raises httpcore's timeout when the time is up."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("The time is up.")
    return left if timeout is None else min(left, timeout)
