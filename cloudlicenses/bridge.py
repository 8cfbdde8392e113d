"""The bridge to Django: WSGI in threads, and request bodies of unknown length made known.

WSGI reads as many bytes as `Content-Length` says. A body sent in chunks says nothing, so Django would see none of it: it is
gathered here first, and refused when it grows too large.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings

from cloudlicenses.web import problems
from cloudlicenses.wsgi import application as django
from licensing.plane.http import ClientGone, Receive, Request, Scope, Send, Unacceptable, request_from, send_json

DJANGO_THREADS = 16
BODILESS = {"GET", "HEAD", "OPTIONS"}


class Bridge:
    """An ASGI application that is Django."""

    def __init__(self) -> None:
        self._threads = WSGIMiddleware(
            cast(Any, django), workers=DJANGO_THREADS
        )  # it has its own names for WSGI's types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in BODILESS or _names(scope).isdisjoint({b"transfer-encoding"}):
            await self._threads(cast(Any, scope), cast(Any, receive), cast(Any, send))
            return
        try:
            body = await _gathered(receive)
        except ClientGone:
            return
        except Unacceptable as error:
            await _refuse(error, request_from(scope), send)
            return
        known = [
            (name, value) for name, value in scope["headers"] if name not in {b"transfer-encoding", b"content-length"}
        ]
        scope = {**scope, "headers": [*known, (b"content-length", str(len(body)).encode())]}
        await self._threads(cast(Any, scope), cast(Any, _replaying(body, receive)), cast(Any, send))


def _names(scope: Scope) -> set[bytes]:
    return {name for name, _ in scope["headers"]}


async def _gathered(receive: Receive) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise Unacceptable(413, "body_too_large", "The body is too large.", Connection="close")
        more = message.get("more_body", False)
    return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then whatever the server has to say."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replay


async def _refuse(error: Unacceptable, request: Request, send: Send) -> None:
    document = problems.document_of(
        error.status, error.code, error.title, error.title, path=request.path, request_id=request.id
    )
    await send_json(send, error.status, document, {"X-Request-ID": request.id, **error.headers}, problems.MEDIA_TYPE)
