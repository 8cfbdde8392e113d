"""The door of the event stream. Django looks at the caller; what it grants, the plane keeps open (app.py).

So a stream is refused by the same door, in the same words and with the same audit entry as everything else of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from keys.faces import TenantApi
from licensing.streams.asking import GRANT, Grant
from licensing.streams.listening import ALERTS_RIGHT, COSTS_RIGHT, RIGHT

MEDIA_TYPE = "text/event-stream"


class EventStreamRenderer(BaseRenderer):
    """So that `Accept: text/event-stream` is welcome."""

    media_type = MEDIA_TYPE
    format = "event-stream"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return bytes(data)


class Events(TenantApi):
    renderer_classes = [EventStreamRenderer]
    scopes: ClassVar[Mapping[str, str]] = {"GET": "license:read"}
    rights: ClassVar[Mapping[str, str]] = {"GET": RIGHT}

    @extend_schema(
        operation_id="streamEvents",
        parameters=[
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="Go on behind this event."),
            OpenApiParameter("last_event_id", str, description="The same, for clients that can't send the header."),
            OpenApiParameter("since", float, description="Seconds since 1970, at most a minute ago: go on from there."),
            OpenApiParameter("brief", bool, description="Counts by kind and license instead of each single event."),
        ],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        """Server-Sent Events as they happen: `checkout`, `return`, `expire`, `denial`, `alert`, `license`; `reset` when more was
        missed than can be told. Every event's id resumes the stream behind it, without loss or repetition."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise PermissionDenied  # a page of somebody else's, with our person's cookie
        is_person = self.actor.kind == "user"
        grant = Grant(
            tenant=self.tenant_id,
            caller=self.caller,
            costs=self.may(COSTS_RIGHT) or not is_person,
            alerts=self.may(ALERTS_RIGHT),
        )
        headers = {GRANT.decode(): msgspec.json.encode(grant).decode(), "Cache-Control": "no-store"}
        return HttpResponse(b"", content_type=MEDIA_TYPE, headers=headers)
