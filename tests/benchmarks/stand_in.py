"""A server that answers checkouts and returns from memory, and misbehaves when told to: what the load generator is tried on."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, cast


class StandIn(socketserver.ThreadingTCPServer):
    """`stall`: at which answer everybody waits, and how long. `shed`: refuse every request, with those headers."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.turn = threading.Lock()
        self.answered = self.granted = 0
        self.held: set[str] = set()
        self.stall = (0, 0.0)
        self.shed: dict[str, str] | None = None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.answered += 1
        if self.answered == self.stall[0]:
            time.sleep(self.stall[1])
        if self.shed is not None:
            return 503, {"code": "busy"}
        if path.endswith("/checkout"):
            self.granted += 1
            self.held.add(lease := f"lease-{self.granted:06}")
            return 201, {"status": "success", "lease_id": lease}
        self.held.remove(body["lease_id"])
        return 200, {"status": "returned"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = cast(StandIn, self.server)
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.turn:
            status, body = server.answer(self.path, sent)
        content = json.dumps(body, separators=(",", ":")).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(server.shed or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
