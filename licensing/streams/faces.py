"""How a door of Django's lets somebody in to a stream that the plane then keeps open (app.py)."""

from __future__ import annotations

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from licensing.streams.asking import GRANT, Grant

MEDIA_TYPE = "text/event-stream"


def let_in(request: HttpRequest | Request, grant: Grant) -> HttpResponse:
    """The answer that becomes the stream. Raises `PermissionDenied` when another site's page asks with our person's cookie."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise PermissionDenied
    headers = {GRANT.decode(): msgspec.json.encode(grant).decode(), "Cache-Control": "no-store"}
    return HttpResponse(b"", content_type=MEDIA_TYPE, headers=headers)
