"""One listener: what waits to be sent to it, and when it is cut.

Frames are the same bytes for all listeners of one sight, so what waits here costs a reference. A listener that reads too slowly is
cut, and comes back with its `Last-Event-ID`: nothing is buffered without end, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

from licensing.plane.http import Send
from licensing.streams.telling import Sight

MOST_WAITING = 128 * 1024
SLOWEST_SEND = 20.0


class Caller(NamedTuple):
    """Whose stream it is. `audience`: the tenant's id, or a vendor's behind `vendor:`. `kind`: `session`, `token` or `key`; `proof`
    is what was shown, as far as it may be kept."""

    audience: str
    name: str
    kind: str
    proof: str
    sight: Sight


class Stream:
    __slots__ = ("_send", "_sending_since", "_size", "_waiting", "_wake", "caller", "is_over")

    def __init__(self, caller: Caller, send: Send) -> None:
        self.caller = caller
        self.is_over = False
        self._send = send
        self._waiting: list[bytes] = []
        self._size = 0
        self._wake: asyncio.Future[None] | None = None
        self._sending_since = 0.0

    def offer(self, frames: bytes) -> None:
        """To be sent as soon as the listener takes it. However much there is at once: only one that has not taken what came before
        may be too far behind."""
        if self.is_over or not frames:
            return
        self._waiting.append(frames)
        self._size += len(frames)
        if self._sending_since and self._size > MOST_WAITING:
            self._waiting.clear()
            self.end()
        self._rouse()

    def end(self, last_words: bytes = b"") -> None:
        """No more after what waits already, and these words."""
        if not self.is_over:
            self.offer(last_words)
            self.is_over = True
            self._rouse()

    async def flow(self) -> None:
        """Send what there is until it is over."""
        while True:
            while not self._waiting and not self.is_over:
                self._wake = asyncio.get_running_loop().create_future()
                await self._wake
            frames, self._waiting, self._size = b"".join(self._waiting), [], 0
            is_last = self.is_over
            self._sending_since = time.monotonic()
            await self._send({"type": "http.response.body", "body": frames, "more_body": not is_last})
            self._sending_since = 0.0
            if is_last:
                return

    def cut_if_slow(self) -> bool:
        """The listener has not taken what was sent for too long: its connection goes, and what is buffered with it."""
        if not self._sending_since or time.monotonic() - self._sending_since < SLOWEST_SEND:
            return False
        self.end()
        # ASGI has no word for it. uvicorn's `send` belongs to an object that holds the transport.
        transport: Any = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
        return True

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
