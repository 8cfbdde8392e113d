"""`GET /api/v1/openapi.json` and `/docs`, which renders it with files of our own."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cloudlicenses.openapi.document import document
from cloudlicenses.web.access import for_anyone


@require_safe
@cache_control(public=True, max_age=300)
@for_anyone
def openapi_json(request: HttpRequest) -> HttpResponse:
    """For everybody: it says how to ask, not what there is."""
    return JsonResponse(_document(request.host_kind))


@require_safe
@cache_control(public=True, max_age=300)
@for_anyone
def docs(request: HttpRequest) -> HttpResponse:
    """The document as pages that can try it; for everybody."""
    return render(request, "openapi/docs.html")


@cache
def _document(host_kind: str) -> dict[str, Any]:
    return document(host_kind)
