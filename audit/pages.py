"""The audit log for people: who did what, on what, from where, and what was refused; and the same as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import exporting, queries
from audit.forms import AuditFilter
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import needs

ORDERS = {"-at": ("id",)}
MOST_EXPORTED = 50_000
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@require_safe
@needs("audit:read")
def audit_log(request: HttpRequest) -> HttpResponse:
    filters = AuditFilter(request.GET)
    facts = {
        "filters": filters,
        "listing": listing_of(queries.entries(filters.wanted()), request.GET, ORDERS),
        "events": queries.recent_events(),
        "section": "audit",
    }
    return render(request, "audit/log.html", facts)


@require_safe
@needs("audit:read")
def audit_file(request: HttpRequest, ending: str) -> HttpResponse:
    """What the page shows, all pages of it, newest first: at most the newest 50,000 entries. Raises `NotFound`."""
    if ending not in TYPES:
        raise NotFound
    found = queries.entries(AuditFilter(request.GET).wanted()).order_by(*queries.NEWEST_FIRST)[:MOST_EXPORTED]
    content = exporting.as_csv(found) if ending == "csv" else exporting.as_json_lines(found)
    headers = {"Content-Disposition": f'attachment; filename="audit.{ending}"'}
    return HttpResponse(content, content_type=TYPES[ending], headers=headers)
