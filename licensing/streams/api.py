"""The door of the event stream. Django looks at the caller; what it grants, the plane keeps open (app.py).

So a stream is refused by the same door, in the same words and with the same audit entry as everything else of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from keys.faces import TenantApi
from licensing.streams import listening
from licensing.streams.asking import Grant
from licensing.streams.faces import MEDIA_TYPE, let_in


class EventStreamRenderer(BaseRenderer):
    """So that `Accept: text/event-stream` is welcome."""

    media_type = MEDIA_TYPE
    format = "event-stream"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return bytes(data)


class Events(TenantApi):
    renderer_classes = [EventStreamRenderer]
    scopes: ClassVar[Mapping[str, str]] = {"GET": "license:read"}
    rights: ClassVar[Mapping[str, str]] = {"GET": listening.RIGHT_AT_TENANTS}

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
        sees = {what for what, right in listening.SEEN_AT_TENANTS.items() if self.may(right)}
        if self.actor.kind != "user":
            sees.add("costs")
        return let_in(request, Grant(self.tenant_id, self.caller, frozenset(sees)))
