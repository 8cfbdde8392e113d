"""A vendor's system that isn't always at its best: a real HTTP server whose path says how it behaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LATE_SECONDS = 0.5


@dataclass
class Receiver:
    """`got` has path, headers and body of every request; `released` ends what hangs."""

    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # for /scripted: one status after the other, then 200
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_for(self, count: int, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while len(self.got) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.got)} of {count} requests came.")
            time.sleep(0.02)


@contextmanager
def running() -> Iterator[Receiver]:
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HandlerOfOne", (Handler,), {"receiver": receiver}))
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request after the other of a connection."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        getattr(self, "_" + self.path.lstrip("/").replace("-", "_"), self._scripted)()

    def _ok(self) -> None:
        self._answer(200, b"thank you")

    def _fail(self) -> None:
        self._answer(500, b"out of order")

    def _scripted(self) -> None:
        self._answer(self.receiver.answers.pop(0) if self.receiver.answers else 200, b"")

    def _redirect(self) -> None:
        self._answer(302, b"", location=self.receiver.url("/ok"))

    def _hang(self) -> None:
        self.receiver.released.wait(60)
        self.close_connection = True

    def _late(self) -> None:
        time.sleep(LATE_SECONDS)
        self._ok()

    def _close(self) -> None:
        """Hangs up instead of an answer."""
        self.close_connection = True

    def _half(self) -> None:
        """A status, and less of an answer than was announced."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
        self.close_connection = True

    def _drip(self) -> None:
        """Never silent for long, and never done."""
        try:
            for letter in b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 10_000:
                if self.receiver.released.wait(0.05):
                    break
                self.wfile.write(bytes([letter]))
        except OSError:
            pass
        self.close_connection = True

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.receiver.released.is_set():
                self.wfile.write(b"x\x00" * 4096)
        except OSError:
            pass
        self.close_connection = True

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...
