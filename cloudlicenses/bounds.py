"""What one connection may take: so much head, so many headers, and never more than a short time without getting on.

uvicorn waits for ever for a head or a body that comes byte by byte, and for a client that doesn't read; and it keeps a head of any
size. So each connection is looked at every `patience_seconds`, and one that stands where it stood at the look before is cut off: a
request is whole, and some of its answer taken, after twice that time at the latest. It costs one timer a connection.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024  # of what came before a head was whole; one read may bring more
MOST_HEADERS = 100
PATIENCE_SECONDS = 15.0


class TooManyHeaders(Exception):
    """uvicorn answers with 400 and closes."""


class BoundedProtocol(HttpToolsProtocol):
    patience_seconds = PATIENCE_SECONDS
    _requests = 0  # whose head is whole
    _drained = 0  # times that the client took what waited for it
    _is_in_body = False
    _head_size = 0
    _seen: tuple[str, int] | None = None
    _next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrowed by uvicorn, too
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        requests, was_in_body = self._requests, self._is_in_body
        super().data_received(data)
        if was_in_body or self._is_in_body or self._requests != requests:
            self._head_size = 0
            return
        self._head_size += len(data)
        if self._head_size > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of this request is too large.")

    def on_headers_complete(self) -> None:
        if len(self.headers) > MOST_HEADERS:
            raise TooManyHeaders
        self._requests += 1
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_body = False
        super().on_message_complete()

    def resume_writing(self) -> None:
        self._drained += 1
        super().resume_writing()

    def _look(self) -> None:
        stands = self._stands()
        if stands is not None and stands == self._seen:
            self.transport.abort()
            return
        self._seen = stands
        self._next_look = self.loop.call_later(self.patience_seconds, self._look)

    def _stands(self) -> tuple[str, int] | None:
        """Where the client has to get on; None while it waits for us."""
        cycle: Any = self.cycle  # none before the first request
        if self.transport.is_closing():
            return "closing", self.transport.get_write_buffer_size()
        if self.flow.write_paused:
            return "reading", self._drained
        if self._is_in_body:
            return "body", self._requests
        return ("head", self._requests) if cycle is None or cycle.response_complete else None
