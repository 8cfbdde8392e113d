"""Keys of the vendor's systems: the list, a new one shown once, rotation, revocation. The stories are those of the API."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import vendors_url
from cloudlicenses.web.people import actor_of
from keys import issuing
from keys import queries as keys
from keys.models import ApiKey
from vendors.faces import in_portal
from vendors.forms.settings import VendorKeyForm
from vendors.models import Vendor

ORDERS = {"-created": ("created_at", "id"), "name": ("app_name", "id")}


@require_safe
@in_portal("integrations:manage")
def key_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    listing = listing_of(keys.keys_of(vendor.id), request.GET, ORDERS)
    rows = [(key, keys.state_of(key)) for key in listing.rows]
    facts = {"rows": rows, "listing": listing, "vendor": vendor, "section": "keys"}
    return render(request, "vendors/keys/list.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def generate(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    form = VendorKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = actor_of(request)
        return _shown_once(request, vendor, lambda: issuing.issue(actor, owner=vendor.id, **form.wishes()))
    status = 422 if request.method == "POST" else 200
    facts = {"form": form, "vendor": vendor, "section": "keys"}
    return render(request, "vendors/keys/generate.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def rotate(request: HttpRequest, vendor: Vendor, key_id: str) -> HttpResponse:
    key = _living(vendor, key_id)
    if request.method == "POST":
        actor = actor_of(request)
        return _shown_once(request, vendor, lambda: issuing.rotate(actor, key_id))
    explanation = _(
        "You get a new key with the same rights. The old one goes on working for 24 hours,"
        " so that you can change it where it is used without anybody noticing."
    )
    question = {"title": _("Rotate this key?"), "action": _("Rotate"), "explanation": explanation, "is_gentle": True}
    return _ask(request, vendor, key, question | {"request_key": secrets.token_urlsafe(16)})


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def revoke(request: HttpRequest, vendor: Vendor, key_id: str) -> HttpResponse:
    key = _living(vendor, key_id)
    if request.method == "POST":
        issuing.revoke(actor_of(request), key_id)
        messages.success(request, _("The key of %(name)s is revoked.") % {"name": key.app_name})
        return HttpResponseRedirect("/keys")
    explanation = _(
        "The system that uses it is refused at once and for good: it can't sell, look or export. This can't be undone."
    )
    question = {"title": _("Revoke this key?"), "action": _("Revoke it"), "explanation": explanation}
    return _ask(request, vendor, key, question)


def _ask(request: HttpRequest, vendor: Vendor, key: ApiKey, question: dict[str, Any]) -> HttpResponse:
    used = key.last_used_at.strftime("%Y-%m-%d %H:%M UTC") if key.last_used_at else _("never")
    facts = [(_("System"), key.app_name), (_("Key"), f"clvk_{key.owner}_…{key.hint}"), (_("Last used"), used)]
    whole = {"facts": facts, "back": "/keys", "vendor": vendor, "section": "keys", **question}
    return render(request, "confirm.html", whole)


def _shown_once(request: HttpRequest, vendor: Vendor, make: Callable[[], issuing.Issued]) -> HttpResponse:
    """The same form again, the same answer again; a form that was changed after going back is another request."""
    said = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    content = digest("POST", request.path, said)

    def produce() -> tuple[int, dict[str, Any]]:
        issued = make()
        return 201, {"key_id": issued.key.id, "app_name": issued.key.app_name, "text": issued.text}

    _status, answer, _replayed = answer_once(
        caller=f"vendor:{vendor.id}:user:{request.user.pk}",
        key=f"{request.POST.get('request_key', '')[:64]}:{content}",
        request_digest=content,
        produce=produce,
    )
    text = answer["text"]
    call = f'curl {vendors_url("/api/v1/licenses")} \\\n  -H "Authorization: Bearer {text}" \\\n  -H "X-Vendor-ID: {vendor.id}"'
    facts = {"text": text, "name": answer["app_name"], "call": call, "vendor": vendor, "section": "keys"}
    return render(request, "vendors/keys/created.html", facts, status=201)


def _living(vendor: Vendor, key_id: str) -> ApiKey:
    key = keys.key_for(vendor.id, key_id)
    if key.revoked_at:
        raise NotFound("This key was revoked already.")
    return key
