"""One keep-alive connection to ask over, and everything that can become of a question."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 3.0


class Lost(Exception):
    """No whole answer came; the text says what became of it. Whether the question was heard is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def word(self) -> str:
        """`201`, `409 max_overage_exceeded`."""
        return f"{self.status} {self.body['code']}" if "code" in self.body else str(self.status)


class Wire:
    """Connects when it is needed, and again after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """The whole answer; raises `Lost`."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._ask(path, content, headers)
        except TimeoutError:
            self.hang_up()
            raise Lost("no answer in time") from None
        except asyncio.IncompleteReadError as error:
            self.hang_up()
            raise Lost("cut in mid-answer" if error.partial else "cut before an answer") from None
        except OSError as error:
            self.hang_up()
            raise Lost("no connection" if isinstance(error, ConnectionRefusedError) else "reset") from None
        if answer.headers.get("connection", "").lower() == "close":
            self.hang_up()
        return answer

    def hang_up(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    async def _ask(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        if self._open is None or self._open[1].is_closing():
            self._open = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._open
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\n{said}Content-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        return await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> Answer:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    try:
        body = await reader.readexactly(int(headers["content-length"]))
    except asyncio.IncompleteReadError as error:
        raise asyncio.IncompleteReadError(b"head" + error.partial, error.expected) from None  # the head had come whole
    return Answer(int(lines[0].split(" ")[1]), headers, json.loads(body))
