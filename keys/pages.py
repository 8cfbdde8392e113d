"""Keys of applications, for a tenant's people: the list, a new key shown once with what to paste where, rotation, revocation.

A form carries a key of its own (`request_key`), so sending it twice makes one key, and a reload shows the same text again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.pagination import page_of
from cloudlicenses.web.people import actor_of, needs
from keys import issuing, queries, serializers
from keys.forms import KeyForm
from keys.models import ApiKey

MOST_SHOWN = 2  # bindings of a kind
PYTHON = """\
from cloudlicenses_client import LicenseClient

client = LicenseClient.from_env("%s")
with client.checkout(user="alice@example.com") as lease:
    ...  # the seat is yours until here"""


@require_safe
@needs("keys:read")
def key_list(request: HttpRequest) -> HttpResponse:
    found = page_of(queries.keys_of(request.tenant.id), request.GET, _row)
    return render(
        request, "keys/keys.html", {"rows": found["data"], "next_cursor": found["next_cursor"], "section": "keys"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("keys:manage")
def generate(request: HttpRequest) -> HttpResponse:
    """GET may name the product that the key will be for."""
    if request.method != "POST":
        form = KeyForm(initial={"allowed_products": request.GET.get("product", "")[:100]})
        return render(request, "keys/generate.html", {"form": form, "section": "keys"})
    form = KeyForm(request.POST)
    if not form.is_valid():
        return render(request, "keys/generate.html", {"form": form, "section": "keys"}, status=422)
    actor, owner = actor_of(request), request.tenant.id
    return _shown_once(request, lambda: issuing.issue(actor, owner=owner, **form.wishes()))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("keys:manage")
def rotate(request: HttpRequest, key_id: str) -> HttpResponse:
    key = _living_key(request, key_id)
    if request.method == "POST":
        actor = actor_of(request)
        return _shown_once(request, lambda: issuing.rotate(actor, key_id))
    explanation = _(
        "You get a new key with the same scopes and restrictions. The old one goes on working for 24 hours,"
        " so that you can change it where it is used without anybody noticing."
    )
    question = {"title": _("Rotate this key?"), "action": _("Rotate"), "explanation": explanation, "is_gentle": True}
    return _ask(request, key, question | {"request_key": secrets.token_urlsafe(16)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("keys:manage")
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    key = _living_key(request, key_id)
    if request.method == "POST":
        issuing.revoke(actor_of(request), key_id)
        messages.success(request, _("The key of %(name)s is revoked.") % {"name": key.app_name})
        return HttpResponseRedirect("/keys")
    explanation = _(
        "Applications that use it are refused at once and for good: they can't take new seats, and lose those they hold"
        " when their leases end. This can't be undone."
    )
    return _ask(request, key, {"title": _("Revoke this key?"), "action": _("Revoke it"), "explanation": explanation})


def _ask(request: HttpRequest, key: ApiKey, question: dict[str, Any]) -> HttpResponse:
    facts = [(_("Application"), key.app_name), (_("Key"), f"clsk_{key.owner}_…{key.hint}")]
    return render(request, "confirm.html", {"facts": facts, "back": "/keys", "section": "keys", **question})


def _shown_once(request: HttpRequest, make: Callable[[], issuing.Issued]) -> HttpResponse:
    """The same form again, the same answer again; a form that was changed after going back is another request."""
    content = digest(
        "POST", request.path, {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    )
    _status, answer, _replayed = answer_once(
        caller=f"user:{request.user.pk}",
        key=f"{request.POST.get('request_key', '')[:64]}:{content}",
        request_digest=content,
        produce=lambda: (201, serializers.shown_once(make())),
    )
    key = queries.key_for(request.tenant.id, str(answer["key_id"]))
    return render(request, "keys/created.html", {"key": key, **_snippets(answer, key), "section": "keys"}, status=201)


def _snippets(answer: dict[str, Any], key: ApiKey) -> dict[str, str]:
    product = key.allowed_products[0] if key.allowed_products else "your-product-id"
    parts = answer["integration_snippet"]
    variables = parts["environment_variables"]
    return {
        "text": answer["api_key"],
        "shell": "\n".join(f"export {name}={value}" for name, value in variables.items()),
        "config": json.dumps(parts["config_file"], indent=2),
        "python": PYTHON % product,
    }


def _living_key(request: HttpRequest, key_id: str) -> ApiKey:
    key = queries.key_for(request.tenant.id, key_id)
    if key.revoked_at:
        raise NotFound("This key was revoked already.")
    return key


def _row(key: ApiKey) -> dict[str, Any]:
    """`bindings`: what a glance at the list can take in."""
    bound = (key.allowed_hostnames, key.allowed_ip_ranges, key.allowed_products)
    return {
        "key": key,
        "state": _state(key, clock.now()),
        "bindings": [each for some in bound for each in some[:MOST_SHOWN]],
    }


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= now:
        return "expired"
    return "rotated" if key.replaced_by else "active"
