"""The audit log for people: who did what, on what, from where, and what was refused."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import queries
from cloudlicenses.web.pagination import page_of
from cloudlicenses.web.people import needs

LONGEST_WORD = 100
RESULTS = ("success", "refused")


@require_safe
@needs("audit:read")
def audit_log(request: HttpRequest) -> HttpResponse:
    about = request.GET.get("about", "").strip().replace("\0", "")[:LONGEST_WORD]
    result = request.GET.get("result", "")
    wanted = queries.entries(about=about, result=result if result in RESULTS else "")
    found = page_of(wanted, request.GET, lambda entry: entry, order=queries.NEWEST_FIRST)
    facts = {"entries": found["data"], "next_cursor": found["next_cursor"], "about": about, "result": result}
    return render(request, "audit/log.html", facts | {"section": "audit"})
