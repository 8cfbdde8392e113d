"""`GET /api/v1/openapi.json` and `/docs`, which lists what is in it and tries it with files of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """What can be asked of this host, and a way to try it; for everybody."""
    return render(request, "openapi/docs.html", {"groups": _groups(request.host_kind)})


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    operations: Sequence[Operation]


@cache
def _groups(host_kind: str) -> list[Group]:
    """In the order in which the document names its tags."""
    told = _document(host_kind)
    operations: dict[str, list[Operation]] = {tag["name"]: [] for tag in told["tags"]}
    for path, item in told["paths"].items():
        for method, one in item.items():
            of_it = Operation(one["operationId"], method, path, one["summary"], _plain(one["description"]))
            operations[one["tags"][0]].append(of_it)
    return [Group(name, found) for name, found in operations.items()]


@cache
def _document(host_kind: str) -> dict[str, Any]:
    return document(host_kind)


def _plain(text: str) -> str:
    """Descriptions are Markdown of one kind: words of code."""
    return text.replace("`", "")
