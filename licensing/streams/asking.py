"""What was asked for, and whether Django's door lets the caller in.

Django sees the whole request, as it sees any other. If its answer carries a grant, the answer stays here and the stream begins;
any other answer goes out as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.http import parse_cookie  # noqa: TID251 - the plane reads what Django's session middleware reads

from cloudlicenses.kit import clock, tokens
from licensing.plane.http import Receive, Scope, Send
from licensing.streams.crowd import Since
from licensing.streams.stream import Caller
from licensing.streams.telling import Sight

GRANT = b"x-stream-grant"
DJANGOS_OWN = {b"content-type", b"content-length", b"cache-control", b"vary", GRANT}
OLDEST_PAGE = timedelta(minutes=1)
UNHEARD_OF = "?"  # no position that anybody was ever told

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Grant(msgspec.Struct):
    """What the door says of whom it lets in."""

    audience: str
    caller: str
    sees: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """`headers` are Django's for the answer: request id, limits, the policy of the host."""

    caller: Caller
    since: Since
    headers: Mapping[str, str]


async def ask(django: Application, scope: Scope, receive: Receive, send: Send) -> Asked | None:
    """None when Django has answered: refused, or no such address on this host."""
    granted: dict[bytes, bytes] = {}

    async def overhear(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            granted.update(headers if GRANT in headers else {})
        if not granted:
            await send(message)

    await django(scope, receive, overhear)
    if not granted:
        return None
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in granted.items() if name not in DJANGOS_OWN
    }
    query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    grant = msgspec.json.decode(granted[GRANT], type=Grant)
    return Asked(_caller(grant, scope, is_brief=query.get("brief") == "true"), _since(scope, query), headers)


def _caller(grant: Grant, scope: Scope, *, is_brief: bool) -> Caller:
    sight = Sight(grant.sees, is_brief)
    kind, proof = _proof(grant, scope)
    return Caller(grant.audience, grant.caller, kind, proof, sight)


def _proof(grant: Grant, scope: Scope) -> tuple[str, str]:
    """By what the caller can be looked up again; of a secret, only its digests are kept."""
    if grant.caller.startswith("key:"):
        return "key", grant.caller.removeprefix("key:")
    if authorization := _header(scope, b"authorization"):
        return "token", " ".join(tokens.digests(authorization.partition(" ")[2].strip()))
    return "session", parse_cookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")


def _since(scope: Scope, query: Mapping[str, str]) -> Since:
    if token := _header(scope, b"last-event-id") or query.get("last_event_id", ""):
        return token
    if "since" not in query:
        return None
    try:
        moment = datetime.fromtimestamp(float(query["since"]), UTC)
    except (ValueError, OverflowError, OSError):
        return UNHEARD_OF
    return moment if clock.now() - moment < OLDEST_PAGE else UNHEARD_OF


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
