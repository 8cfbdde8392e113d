"""Client certificates for a tenant's people: the list, one from a pasted request, revocation. Authorities: authorities.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.faces import visitor
from certificates import authorities, guidance, issuing, names, queries
from certificates.forms import REASONS, CertificateFilter, IssueForm, RevokeForm
from certificates.models import Certificate
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import tenant_url
from cloudlicenses.web.people import actor_of, needs

SOON = timedelta(days=30)
ORDERS = {"-issued": ("created_at", "id"), "name": ("common_name", "id"), "ends": ("not_after", "id")}


@require_safe
@needs("certificates:read")
def certificate_list(request: HttpRequest) -> HttpResponse:
    filters = CertificateFilter(request.GET)
    found = queries.certificates()
    if text := filters.said("q"):
        found = queries.about(found, text)
    if state := filters.said("state"):
        found = queries.in_state(found, state)
    listing = listing_of(found, request.GET, ORDERS)
    facts = {
        "filters": filters,
        "listing": listing,
        "rows": [{"certificate": row, "state": _shown_state(row)} for row in listing.rows],
        "authorities": [
            {"authority": row, "is_issuing": _is_issuing(row), "name": names.shortest(row.subject)}
            for row in queries.authorities()
        ],
        "section": "certificates",
    }
    return render(request, "certificates/certificates.html", facts)


@require_safe
@needs("certificates:read")
def certificate_page(request: HttpRequest, certificate_id: str) -> HttpResponse:
    certificate = queries.certificate_for(certificate_id)
    facts = {
        "certificate": certificate,
        "state": _shown_state(certificate),
        "reason": dict(REASONS).get(certificate.revocation_reason, ""),
        "authority": names.shortest(certificate.authority.subject),
        "lines": guidance.for_use(certificate, tenant_url(request.tenant.id)),
        "section": "certificates",
    }
    return render(request, "certificates/certificate.html", facts)


@require_safe
@needs("certificates:read")
def certificate_file(request: HttpRequest, certificate_id: str) -> HttpResponse:
    """The certificate, with its authority's below it, as servers and clients take a chain."""
    certificate = queries.certificate_for(certificate_id)
    content = certificate.pem + authorities.pem_of(certificate.authority)
    headers = {"Content-Disposition": 'attachment; filename="client.crt"'}
    return HttpResponse(content, content_type="application/x-pem-file", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def issue(request: HttpRequest) -> HttpResponse:
    form = IssueForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return HttpResponseRedirect(f"/certificates/{_issued_once(request, form.cleaned_data)}")
        except Refusal as refusal:
            form.blame(refusal)
    example = f"ws-042.{request.tenant.id}.example"
    facts = {"form": form, "lines": guidance.for_a_request(example), "section": "certificates"}
    return render(request, "certificates/issue.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates:manage")
def revoke(request: HttpRequest, certificate_id: str) -> HttpResponse:
    certificate = queries.certificate_for(certificate_id)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        issuing.revoke(actor_of(request), certificate_id, reason=form.cleaned_data["reason"])
        messages.success(request, _("The certificate is revoked: it is refused everywhere within a second."))
        return HttpResponseRedirect(f"/certificates/{certificate_id}")
    facts = {"certificate": certificate, "form": form, "section": "certificates"}
    return render(request, "certificates/revoke.html", facts, status=422 if form.errors else 200)


def _issued_once(request: HttpRequest, wanted: dict[str, Any]) -> str:
    """The id: the same form again leads to the same certificate."""
    actor, content = actor_of(request), digest("POST", request.path, [wanted["csr"], wanted["days"]])

    def produce() -> tuple[int, dict[str, object]]:
        return 201, {"certificate_id": issuing.issue(actor, wanted["csr"], days=wanted["days"]).id}

    _status, answer, _replayed = answer_once(
        caller=f"user:{visitor(request).pk}",
        key=f"{wanted['request_key']}:{content}",
        request_digest=content,
        produce=produce,
    )
    return str(answer["certificate_id"])


def _shown_state(certificate: Certificate) -> str:
    """Of those that are valid, people should see which will soon be no more."""
    state = queries.state_of(certificate)
    return "expiring" if state == "valid" and certificate.not_after < clock.now() + SOON else state


def _is_issuing(authority: Any) -> bool:
    return bool(authority.is_ours and authority.retired_at is None)
