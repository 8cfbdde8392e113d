"""The operator's pages about vendors: the list, a new one with its first key, suspending and resuming."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import vendors_url
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.problems import STATUS
from vendors import onboarding, queries, standing
from vendors.forms.operator import VendorFilter, VendorForm
from vendors.models import Vendor

ORDERS = {"-created": ("created_at", "id"), "name": ("name", "id"), "licenses": ("license_count", "id")}


@require_safe
@needs("platform:read")
def vendor_list(request: HttpRequest) -> HttpResponse:
    filters = VendorFilter(request.GET)
    listing = listing_of(_found(filters), request.GET, ORDERS)
    facts = {"listing": listing, "filters": filters, "section": "vendors"}
    return render(request, "vendors/operator/vendors.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def create(request: HttpRequest) -> HttpResponse:
    """The key is shown on the answer to the form, and nowhere else; a reload shows it again, and makes nothing twice."""
    form = VendorForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return render(request, "vendors/operator/created.html", _created(request, form), status=201)
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return render(request, "vendors/operator/create.html", {"form": form, "section": "vendors"}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def suspend(request: HttpRequest, vendor_id: str) -> HttpResponse:
    vendor = queries.vendor_for(vendor_id)
    if request.method == "POST":
        standing.suspend(actor_of(request), vendor_id)
        messages.success(request, _("%(name)s is suspended.") % {"name": vendor.name})
        return HttpResponseRedirect("/operator/vendors")
    question = {
        "title": _("Suspend %(name)s?") % {"name": vendor.name},
        "explanation": _(
            "Its keys are refused from the next request on: nothing can be sold, changed or exported."
            " Licenses that customers have go on working."
        ),
        "action": _("Suspend"),
    }
    return render(request, "confirm.html", question | {"back": "/operator/vendors", "section": "vendors"})


@require_POST
@needs("platform:manage")
def resume(request: HttpRequest, vendor_id: str) -> HttpResponse:
    vendor = standing.resume(actor_of(request), vendor_id)
    messages.success(request, _("%(name)s works again.") % {"name": vendor.name})
    return HttpResponseRedirect("/operator/vendors")


def _found(filters: VendorFilter) -> QuerySet[Vendor]:
    found = queries.vendors_with_counts()
    if words := filters.said("about").replace("\0", ""):
        found = found.filter(Q(name__icontains=words) | Q(id__icontains=words) | Q(email__icontains=words))
    if status := filters.said("status"):
        found = found.filter(status=status)
    return found


def _created(request: HttpRequest, form: VendorForm) -> dict[str, Any]:
    said = {name: form.cleaned_data[name] for name in ("id", "name", "email")}
    content = digest("POST", request.path, said)
    _status, answer, _replayed = answer_once(
        caller=f"operator:{request.user.pk}",
        key=f"{form.cleaned_data['request_key']}:{content}",
        request_digest=content,
        produce=lambda: (201, {"api_key": onboarding.create_vendor(actor_of(request), **said).api_key}),
    )
    text = answer["api_key"]
    call = f'curl {vendors_url("/api/v1/licenses")} \\\n  -H "Authorization: Bearer {text}" \\\n  -H "X-Vendor-ID: {said["id"]}"'
    return {"said": said, "text": text, "call": call, "section": "vendors"}
