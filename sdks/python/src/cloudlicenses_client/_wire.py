"""The seam between what is said and how it travels.

The rest of the library speaks in `Request` and `Answer` and awaits a `Wire`. There are two wires: one over threads, whose
awaits never suspend, and one over asyncio. So each conversation with the server is written once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from ._errors import UnexpectedAnswerError


@dataclass(frozen=True)
class Request:
    """One HTTP request as data. Not shown in logs: its headers hold the API key."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """One complete HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object, decimals exact; raises `UnexpectedAnswerError` for anything else."""
        try:
            document = json.loads(self.body, parse_float=Decimal)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise UnexpectedAnswerError(f"The server answered {self.status} with something that is not a JSON object.")
        return document


class Wire(Protocol):
    """Carries requests and waits. `send` raises `ServerUnreachableError` when there is no complete answer."""

    async def send(self, request: Request) -> Answer: ...

    async def pause(self, seconds: float) -> None: ...
