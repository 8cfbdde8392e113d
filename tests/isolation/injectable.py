"""Views with the hole that our own must never have: what a request sends becomes part of the SQL. Only tests route here."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from cloudlicenses.web.access import for_anyone
from tenants import context


@for_anyone
def search(request: HttpRequest) -> JsonResponse:
    """A value put into a statement between quotes: the classic injection."""
    return _answer("SELECT id FROM licensing_license WHERE product_id = '" + request.GET["q"] + "'")


@for_anyone
def statement(request: HttpRequest) -> JsonResponse:
    """Worse: the whole statement."""
    return _answer(request.GET["q"])


@for_anyone
def vendor_search(request: HttpRequest) -> JsonResponse:
    with context.acting_for(request.GET["vendor"]):
        return _answer("SELECT id FROM vendors_product WHERE name = '" + request.GET["q"] + "'")


def _answer(text: str) -> JsonResponse:
    """The rows, or PostgreSQL's own reason for refusing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall() if cursor.description else []
    except DatabaseError as error:
        return JsonResponse({"refused": getattr(error.__cause__, "sqlstate", None)})
    return JsonResponse({"rows": sorted(str(row[0]) for row in rows)})


urlpatterns = [path("search", search), path("statement", statement), path("vendor-search", vendor_search)]
