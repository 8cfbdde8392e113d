"""What arrives at the contract server, what it replies, and the ways in which it misbehaves on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdk_contract_server import Handler


@dataclass(frozen=True)
class Arrived:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


Mishap = Callable[["Handler", Callable[[], Reply]], None]


def problem(status: int, code: str, *, headers: dict[str, str] | None = None, **facts: Any) -> Reply:
    document = {"type": f"https://cloudlicenses.com/problems/{code}", "title": code.replace("_", " "), "status": status}
    document |= {"detail": f"This is {code}.", "code": code, "request_id": "req-1", **facts}
    return Reply(status, document, {"Content-Type": "application/problem+json", **(headers or {})})


def answers(reply: Reply) -> Mishap:
    """Answer this instead; nothing is carried out."""
    return lambda handler, carry_out: handler.reply(reply)


def cuts_the_answer(handler: Handler, carry_out: Callable[[], Reply]) -> None:
    """Carry the request out, then break off in the middle of the answer."""
    reply = carry_out()
    raw = json.dumps(reply.body).encode()
    handler.send_response(reply.status)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw[: len(raw) // 2])
    handler.close_connection = True


def hangs_up(handler: Handler, carry_out: Callable[[], Reply]) -> None:
    """Close without a word."""
    handler.close_connection = True


def hangs(seconds: float) -> Mishap:
    """Say nothing for so long, then hang up."""

    def hang(handler: Handler, carry_out: Callable[[], Reply]) -> None:
        handler.server.woken.wait(seconds)
        handler.close_connection = True

    return hang
