"""The audit log for people: who did what, on what, from where, what was refused, and what proves it; and the same as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import exporting, proofs, queries, trees
from audit.forms import AuditFilter
from audit.refusals import LogDamaged, NoSuchHead, NotSealedYet
from audit.sealing import log_of_tenant
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
    listing = listing_of(queries.entries(filters.wanted()), request.GET, ORDERS)
    head = trees.newest_head(log_of_tenant(request.tenant.id))
    facts = {
        "filters": filters,
        "listing": listing,
        "events": queries.recent_events(),
        "head": head,
        "root": bytes(head.root).hex() if head else "",
        "sealed": queries.sealed_among(entry.pk for entry in listing.rows),
        "section": "audit",
    }
    return render(request, "audit/log.html", facts)


@require_safe
@needs("audit:read")
def entry_page(request: HttpRequest, entry_id: int) -> HttpResponse:
    """All that is known of one entry, and what proves that it is as it was sealed. Raises `NotFound`."""
    entry = queries.entry(entry_id)
    try:
        proof = proofs.of_entry(log_of_tenant(request.tenant.id), entry_id)
        trouble = ""
    except (NoSuchHead, NotSealedYet, LogDamaged) as refusal:
        proof, trouble = {}, refusal.code
    facts = {
        "entry": entry,
        "facts": sorted(entry.facts.items()),
        "proof": proof,
        "next": proof.get("index", 0) + 1,
        "trouble": trouble,
        "section": "audit",
    }
    return render(request, "audit/entry.html", facts)


@require_safe
@needs("audit:read")
def audit_file(request: HttpRequest, ending: str) -> HttpResponse:
    """What the page shows, all pages of it, newest first: at most `MOST_EXPORTED`; its last line says so. Raises `NotFound`."""
    if ending not in TYPES:
        raise NotFound
    found = queries.entries(AuditFilter(request.GET).wanted()).order_by(*queries.NEWEST_FIRST)[: MOST_EXPORTED + 1]
    write = exporting.as_csv if ending == "csv" else exporting.as_json_lines
    content = write(found, MOST_EXPORTED)
    headers = {"Content-Disposition": f'attachment; filename="audit.{ending}"'}
    return HttpResponse(content, content_type=TYPES[ending], headers=headers)
