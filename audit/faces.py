"""A log as people read it: what all its pages do, whoever's log it is. Which log, and who may, each host's own views say.

All of it works in the scope where the log stands, and shows that log's entries alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit import exporting, facts, people, proofs, queries, trees
from audit.forms import AuditFilter
from audit.refusals import LogDamaged, NoSuchHead, NotSealedYet
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.listings import listing_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ORDERS = {"-at": ("id",)}
MOST_EXPORTED = 50_000
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A log, where its pages stand (`at`), where it is had with what proves it, what heads and keys are asked for with, and where
    its people are looked up."""

    log: str
    lead: StrPromise
    at: str = "/audit"
    whole: str = "/api/v1/audit/export"
    query: str = ""
    among: people.Among = people.HERE

    @property
    def head(self) -> str:
        return f"/api/v1/audit/head{self.query}"

    @property
    def keys(self) -> str:
        return f"/.well-known/audit-keys.json{self.query}"

    @property
    def file_name(self) -> str:
        return f"{self.log.replace('/', '-')}.jsonl"


def log_page(request: HttpRequest, place: LogPlace) -> HttpResponse:
    filters = AuditFilter(request.GET)
    with queries.found_by_index(wanted := filters.wanted()):
        listing = listing_of(queries.entries(wanted, place.log, among=place.among), request.GET, ORDERS)
    head = trees.newest_head(place.log)
    shown = {
        "place": place,
        "filters": filters,
        "listing": listing,
        "events": queries.recent_events(place.log),
        "head": head,
        "root": bytes(head.root).hex() if head else "",
        "sealed": queries.sealed_among(entry.pk for entry in listing.rows),
        "people": people.addresses(people.numbers_in(listing.rows), among=place.among),
        "section": "audit",
    }
    return render(request, "audit/log.html", shown)


def entry_page(request: HttpRequest, place: LogPlace, entry_id: int) -> HttpResponse:
    """All that is known of one entry, and what proves that it is as it was sealed. Raises `NotFound`, also for another log's."""
    entry = queries.entry(entry_id, place.log)
    known = people.addresses(people.numbers_in([entry]), among=place.among)
    try:
        proof = proofs.of_entry(place.log, entry_id)
        trouble = ""
    except (NoSuchHead, NotSealedYet, LogDamaged) as refusal:
        proof, trouble = {}, refusal.code
    shown = {
        "place": place,
        "entry": entry,
        "facts": facts.told(entry.event, entry.facts, known),
        "people": known,
        "proof": proof,
        "next": proof.get("index", 0) + 1,
        "trouble": trouble,
        "section": "audit",
    }
    return render(request, "audit/entry.html", shown)


def log_file(request: HttpRequest, place: LogPlace, ending: str) -> HttpResponse:
    """What the page shows, all pages of it, newest first: at most `MOST_EXPORTED`; its last line says so. Raises `NotFound`."""
    if ending not in TYPES:
        raise NotFound
    wanted = AuditFilter(request.GET).wanted()
    found = queries.entries(wanted, place.log, among=place.among).order_by(*queries.NEWEST_FIRST)[: MOST_EXPORTED + 1]
    write = exporting.as_csv if ending == "csv" else exporting.as_json_lines
    with queries.found_by_index(wanted):
        content = write(found, MOST_EXPORTED)
    headers = {"Content-Disposition": f'attachment; filename="audit.{ending}"'}
    return HttpResponse(content, content_type=TYPES[ending], headers=headers)
