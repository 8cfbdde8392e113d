"""Applications and devices, for a tenant's people: what was seen, by whom, and what they decide about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import devices, fingerprints, queries
from applications.forms import MODES, DeviceFilter, FingerprintFilter, ModeForm, PolicyForm
from applications.models import Device, Fingerprint
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of, needs
from keys.products import product_names

READ, MANAGE = "applications:read", "applications:manage"
ORDERS = {"-seen": ("last_seen_at", "id"), "first": ("first_seen_at", "id"), "product": ("product_id", "id")}
DEVICE_ORDERS = {"-made": ("created_at", "id"), "name": ("name", "id")}
MOST_AT_ONCE = 200


@require_safe
@needs(READ)
def application_list(request: HttpRequest) -> HttpResponse:
    modes, names = queries.products(), product_names()
    products = [(product_id, names.get(product_id, product_id)) for product_id in modes]
    filters = FingerprintFilter(request.GET, {"product": products})
    found = queries.fingerprints()
    if text := filters.said("q"):
        found = queries.about(found, text)
    if product_id := filters.said("product"):
        found = found.filter(product_id=product_id)
    if state := filters.said("state"):
        found = found.filter(state=state)
    listing, words = listing_of(found, request.GET, ORDERS), dict(MODES)
    facts = {
        "filters": filters,
        "waiting": queries.fingerprints().filter(state=Fingerprint.State.UNKNOWN).count(),
        "listing": listing,
        "rows": [(each, names.get(each.product_id, "")) for each in listing.rows],
        "products": [(product_id, name, words[modes[product_id]]) for product_id, name in products],
        "section": "applications",
    }
    return render(request, "applications/applications.html", facts)


@require_POST
@needs(MANAGE)
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or block those that were chosen; what follows is said on the page itself, and either can be taken back."""
    chosen = [text[:40] for text in request.POST.getlist("chosen")[:MOST_AT_ONCE]]
    if not chosen:
        messages.warning(request, _("Choose at least one installation."))
    elif request.POST.get("decision") == "block":
        count = fingerprints.block(actor_of(request), chosen)
        said = ngettext("%(n)s installation is blocked.", "%(n)s installations are blocked.", count)
        messages.success(request, said % {"n": count})
    else:
        count = fingerprints.approve(actor_of(request), chosen)
        said = ngettext("%(n)s installation is approved.", "%(n)s installations are approved.", count)
        messages.success(request, said % {"n": count})
    return HttpResponseRedirect("/applications")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(MANAGE)
def mode(request: HttpRequest, product_id: str) -> HttpResponse:
    now = queries.modes().get(product_id, "observe")
    form = ModeForm(request.POST if request.method == "POST" else None, initial={"mode": now})
    if form.is_bound and form.is_valid():
        fingerprints.set_mode(actor_of(request), product_id, form.cleaned_data["mode"])
        messages.success(request, _("In force everywhere within a second."))
        return HttpResponseRedirect("/applications")
    name = product_names().get(product_id, product_id)
    facts = {"form": form, "product_id": product_id, "name": name, "section": "applications"}
    return render(request, "applications/mode.html", facts, status=422 if form.errors else 200)


@require_safe
@needs(READ)
def device_list(request: HttpRequest) -> HttpResponse:
    filters = DeviceFilter(request.GET)
    found = queries.devices()
    if text := filters.said("q"):
        found = queries.devices_about(found, text)
    if state := filters.said("state"):
        found = found.filter(state=state)
    facts = {
        "filters": filters,
        "listing": listing_of(found, request.GET, DEVICE_ORDERS),
        "approves_by_itself": queries.approves_devices_by_itself(),
        "section": "devices",
    }
    return render(request, "applications/devices.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(MANAGE)
def policy(request: HttpRequest) -> HttpResponse:
    now = {"approves_by_itself": queries.approves_devices_by_itself()}
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_bound and form.is_valid():
        devices.set_policy(actor_of(request), **form.cleaned_data)
        messages.success(request, _("Devices that register from now on are treated so."))
        return HttpResponseRedirect("/devices")
    return render(request, "applications/policy.html", {"form": form, "section": "devices"})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(MANAGE)
def approve_device(request: HttpRequest, device_id: str) -> HttpResponse:
    device = queries.device_for(device_id)
    if request.method == "POST":
        devices.approve(actor_of(request), device_id)
        messages.success(request, _("%(name)s is approved.") % {"name": device.name})
        return HttpResponseRedirect("/devices")
    explanation = _(
        "Keys that ask for a device can be used from there at once. Compare the thumbprint with what the workstation shows."
    )
    question = {
        "title": _("Approve this device?"),
        "action": _("Approve"),
        "explanation": explanation,
        "is_gentle": True,
    }
    return _ask(request, device, question)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(MANAGE)
def revoke_device(request: HttpRequest, device_id: str) -> HttpResponse:
    device = queries.device_for(device_id)
    if request.method == "POST":
        devices.revoke(actor_of(request), device_id)
        messages.success(request, _("%(name)s is revoked.") % {"name": device.name})
        return HttpResponseRedirect("/devices")
    explanation = _(
        "What it signs is refused within a second and for good: it can't take seats, and loses those it holds when their"
        " leases end. This can't be undone; the workstation can register a new key."
    )
    question = {"title": _("Revoke this device?"), "action": _("Revoke it"), "explanation": explanation}
    return _ask(request, device, question)


def _ask(request: HttpRequest, device: Device, question: dict[str, Any]) -> HttpResponse:
    facts = [(_("Device"), device.name), (_("Host"), device.hostname or "–"), (_("Thumbprint"), device.thumbprint)]
    return render(request, "confirm.html", {"facts": facts, "back": "/devices", "section": "devices", **question})
