"""Requests as bytes on a socket: what no client library would send."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.servers import Server

PATIENT_SECONDS = 60.0


@contextmanager
def connected(server: Server, seconds: float = PATIENT_SECONDS, *, read_buffer: int = 0) -> Iterator[socket.socket]:
    """A connection of its own. `read_buffer`: how little the kernel takes from the server before anybody reads it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        if read_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, read_buffer)
        connection.settimeout(seconds)
        connection.connect(("127.0.0.1", server.port))
        yield connection


def said(connection: socket.socket) -> bytes:
    """All that comes until the server closes; raises `TimeoutError` if it doesn't."""
    pieces = []
    with suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces)


def ask(server: Server, request: bytes) -> bytes:
    """What is said to these bytes; they should ask for the connection to be closed, or be worth closing it."""
    with connected(server) as connection:
        with suppress(ConnectionError):  # it may have closed before all was sent
            connection.sendall(request)
        return said(connection)


def head(method: str, path: str, host: str, *lines: str) -> bytes:
    """A request's head with these more header lines."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode("latin-1")


def statuses(answer: bytes) -> list[int]:
    """Of all answers in these bytes, one after the other."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
