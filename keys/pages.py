"""Keys of applications, for a tenant's people: the list, a new key shown once with what to paste where, rotation, revocation.

A form carries a key of its own (`request_key`), so sending it twice makes one key, and a reload shows the same text again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.faces import visitor
from certificates.queries import certificate_for
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of, needs
from keys import issuing, queries, serializers, snippets
from keys.forms import SCOPES, BindingForm, KeyFilter, KeyForm
from keys.models import ApiKey
from keys.products import product_names

MOST_SHOWN = 2  # bindings of a kind
ORDERS = {"-made": ("created_at", "id"), "name": ("app_name", "id")}


@require_safe
@needs("keys:read")
def key_list(request: HttpRequest) -> HttpResponse:
    filters = KeyFilter(request.GET)
    found = queries.keys_of(request.tenant.id)
    if text := filters.said("q"):
        found = queries.about(found, text)
    if state := filters.said("state"):
        found = queries.in_state(found, state)
    listing = listing_of(found, request.GET, ORDERS)
    names = product_names()
    facts = {
        "filters": filters,
        "listing": listing,
        "rows": [_row(key, names) for key in listing.rows],
        "section": "keys",
    }
    return render(request, "keys/keys.html", facts)


@require_safe
@needs("keys:read")
def key_page(request: HttpRequest, key_id: str) -> HttpResponse:
    """One key: what it is, what it may, what it is bound to, when it was used last."""
    key = queries.key_for(request.tenant.id, key_id)
    names = product_names()
    facts = {
        "key": key,
        "state": queries.state_of(key),
        "scopes": _scopes(key),
        "products": [(product_id, names.get(product_id, "")) for product_id in key.allowed_products],
        "section": "keys",
    }
    return render(request, "keys/key.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("keys:manage")
def restrictions(request: HttpRequest, key_id: str) -> HttpResponse:
    key = _living_key(request, key_id)
    # What it is bound to already can stay, whether there still is a license of it or not.
    products = {product_id: product_id for product_id in key.allowed_products} | product_names()
    form = BindingForm(request.POST if request.method == "POST" else None, initial=_bindings(key), products=products)
    if form.is_bound and form.is_valid():
        issuing.restrict(actor_of(request), key_id, _as_columns(form.bindings()))
        messages.success(request, _("The restrictions are in force, everywhere within a second."))
        return HttpResponseRedirect(f"/keys/{key_id}")
    facts = {"key": key, "form": form, "section": "keys"}
    return render(request, "keys/restrictions.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("keys:manage")
def generate(request: HttpRequest) -> HttpResponse:
    """GET may name the product that the key will be for, and the certificate it will be bound to."""
    products = product_names()
    if request.method != "POST":
        form = KeyForm(
            initial={"allowed_products": request.GET.getlist("product"), **_bound_to(request)}, products=products
        )
        return render(request, "keys/generate.html", {"form": form, "section": "keys"})
    form = KeyForm(request.POST, products=products)
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
        caller=f"user:{visitor(request).pk}",
        key=f"{request.POST.get('request_key', '')[:64]}:{content}",
        request_digest=content,
        produce=lambda: (201, serializers.shown_once(make())),
    )
    key = queries.key_for(request.tenant.id, str(answer["key_id"]))
    product = next(iter([*key.allowed_products, *product_names()]), "your-product-id")
    host = key.allowed_hostnames[0] if key.allowed_hostnames else ""
    facts = {
        "key": key,
        "text": answer["api_key"],
        "snippets": snippets.snippets_for(answer, product_id=product, hostname=host),
        "section": "keys",
    }
    return render(request, "keys/created.html", facts, status=201)


def _living_key(request: HttpRequest, key_id: str) -> ApiKey:
    key = queries.key_for(request.tenant.id, key_id)
    if key.revoked_at:
        raise NotFound("This key was revoked already.")
    return key


def _bound_to(request: HttpRequest) -> dict[str, Any]:
    """To the names of the certificate that the address names; to none if it names none."""
    certificate_id = request.GET.get("certificate", "")
    if not certificate_id:
        return {}
    certificate = certificate_for(certificate_id)
    bound = {"client_cert_cn": certificate.common_name, "client_cert_names": "\n".join(certificate.names)}
    return bound | {"require_mtls": True, "app_name": certificate.common_name}


def _scopes(key: ApiKey) -> list[Any]:
    """In words where they have some."""
    words = dict(SCOPES)
    return [words.get(scope, scope) for scope in key.scopes]


def _bindings(key: ApiKey) -> dict[str, Any]:
    """As the form shows them: what people write, each on a line of its own; what they choose, as it is."""
    found = {name: getattr(key, name) for name in BindingForm.BINDINGS}
    lines = {name: "\n".join(value) for name, value in found.items() if isinstance(value, list)}
    return found | lines | {"allowed_products": key.allowed_products}


def _as_columns(bindings: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in bindings.items()}


def _row(key: ApiKey, names: Mapping[str, str]) -> dict[str, Any]:
    """`bindings`: what a glance at the list can take in."""
    products = [names.get(product_id, product_id) for product_id in key.allowed_products]
    certificate = [*filter(None, [key.client_cert_cn]), *key.client_cert_names]
    bound = (key.allowed_hostnames, key.allowed_ip_ranges, products, certificate)
    return {
        "key": key,
        "state": queries.state_of(key),
        "bindings": [each for some in bound for each in some[:MOST_SHOWN]],
        "more": sum(max(0, len(some) - MOST_SHOWN) for some in bound),
    }
