"""The wire over threads: its awaits never suspend, so `run_now` can carry a conversation through to its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx

from ._http import as_answer, as_error, as_httpx, new_http_client
from ._settings import Settings
from ._wire import Answer, Request

T = TypeVar("T")


def run_now(conversation: Coroutine[Any, Any, T]) -> T:
    """Carry a conversation over a `SyncWire` to its end, on this thread, without an event loop."""
    try:
        conversation.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    conversation.close()
    raise RuntimeError("A conversation over a SyncWire must not suspend.")


class Connection:
    """One pool of connections for each process: a forked child must never write to its parent's sockets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = new_http_client(settings)
        self._pid = os.getpid()

    def exchange(self, request: Request) -> Answer:
        """One request, one complete answer; raises `ServerUnreachableError`."""
        self._renew_after_fork()
        try:
            return as_answer(self._http.send(as_httpx(self._http, self._settings, request)))
        except httpx.RequestError as failure:
            raise as_error(self._settings, failure) from failure

    def close(self) -> None:
        if self._pid == os.getpid():
            self._http.close()

    def _renew_after_fork(self) -> None:
        if self._pid != os.getpid():
            self._http = new_http_client(self._settings)
            self._pid = os.getpid()


class SyncWire:
    """A connection, and a way to wait that its owner may interrupt by raising."""

    def __init__(self, connection: Connection, pause: Callable[[float], None]) -> None:
        self._connection = connection
        self._pause = pause

    async def send(self, request: Request) -> Answer:
        return self._connection.exchange(request)

    async def pause(self, seconds: float) -> None:
        self._pause(seconds)
