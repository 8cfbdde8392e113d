"""A client of the event stream over a real socket: reads events as they come, in a thread of its own."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.servers import Server

PATH = "/api/v1/events/stream"


@dataclass(frozen=True)
class Event:
    kind: str
    data: dict[str, Any]
    id: str
    at: float


@dataclass
class Listener:
    """`with Listener(server, key=…) as anna: anna.wait_for(lambda events: …)`. `last_id` is what a browser would come back with."""

    server: Server
    label: str = "mercedes"
    key: str = ""
    cookie: str = ""
    last_id: str = ""
    path: str = PATH
    query: str = ""
    status: int = 0
    events: list[Event] = field(default_factory=list)
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    problem: dict[str, Any] = field(default_factory=dict)
    retry: int = 0
    beats: int = 0
    is_closed: bool = False

    def __enter__(self) -> Listener:
        self._opened = threading.Event()
        self._client = httpx.Client(trust_env=False, timeout=httpx.Timeout(60))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._opened.wait(60), "the stream did not open"
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, AttributeError):  # closed by the server, or never opened
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(60)
        self._client.close()

    def wait_for(self, what: Callable[[list[Event]], bool], seconds: float = 60) -> list[Event]:
        deadline = time.monotonic() + seconds
        while not what(self.events):
            assert time.monotonic() < deadline, f"not within {seconds} s; heard {self.events}"
            time.sleep(0.01)
        return self.events

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event.data for event in list(self.events) if event.kind == kind]

    def wait_until_closed(self, seconds: float = 60) -> None:
        self._thread.join(seconds)
        assert self.is_closed, "the stream is still open"

    def _listen(self) -> None:
        headers = {"Host": self.server.host_of(self.label), "Accept": "text/event-stream"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Last-Event-ID": self.last_id} if self.last_id else {}
        request = self._client.build_request("GET", f"{self.server.url}{self.path}{self.query}", headers=headers)
        try:
            self._response = self._client.send(request, stream=True)
            self.status, self.headers = self._response.status_code, self._response.headers
            if self.status == 200:
                self._read()
            else:
                said = self._response.read()
                self.problem = json.loads(said) if "json" in self.headers["content-type"] else {}
        except (httpx.HTTPError, httpx.StreamError, OSError):
            pass  # left, or cut
        finally:
            self.is_closed = True
            self._opened.set()

    def _read(self) -> None:
        """The event-stream format, as browsers read it."""
        kind, data, has_id = "", "", ""
        for line in self._response.iter_lines():
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "":
                self.last_id = has_id or self.last_id
                if data:
                    self.events.append(Event(kind, json.loads(data), self.last_id, time.monotonic()))
                else:
                    self.beats += 1
                self._opened.set()
                kind, data, has_id = "", "", ""
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "id":
                has_id = value
            elif name == "retry":
                self.retry = int(value)
