"""The bridge to Django: WSGI in threads, and requests made such that they can be read there at once.

There are few threads, so no client may keep one waiting. A body is gathered before a thread is taken, whoever sends it slowly; one
that is too large is not gathered, and Django says so. An answer is taken from its thread whole, whoever reads it slowly.

Header names with an underscore are left out: WSGI can't tell `X_Forwarded_For` from `X-Forwarded-For`, which a proxy vouches for.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings

from cloudlicenses.web.requests import TOO_LARGE
from cloudlicenses.wsgi import application as django
from licensing.plane.http import ClientGone, Receive, Scope, Send

DJANGO_THREADS = 16
PIECES_OF_AN_ANSWER = (
    1024  # that wait for the client; the largest of ours, a script of the API's documentation, has 200
)
BODILESS = {"GET", "HEAD", "OPTIONS"}
OF_A_BODY = {b"transfer-encoding", b"content-length"}


class Bridge:
    """An ASGI application that is Django."""

    def __init__(self) -> None:
        self._threads = WSGIMiddleware(
            cast(Any, django), workers=DJANGO_THREADS, send_queue_size=PIECES_OF_AN_ANSWER
        )  # it has its own names for WSGI's types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        if scope["method"] not in BODILESS:
            try:
                body = await _gathered(receive, _most_of(scope))
            except ClientGone:
                return
            except BodyTooLarge:
                scope = {**scope, TOO_LARGE: True}
        await self._threads(cast(Any, _known(scope, body)), cast(Any, _replaying(body, receive)), cast(Any, send))


class BodyTooLarge(Exception):
    """The rest of it was not read."""


def _known(scope: Scope, body: bytes) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name not in OF_A_BODY and b"_" not in name]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % len(body))]}


def _most_of(scope: Scope) -> int:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    is_upload = kind.lower().startswith(b"multipart/form-data")
    return settings.LARGEST_UPLOAD if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


async def _gathered(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then whatever the server has to say."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replay
