"""What a product's applications sign with: the secrets, a new one shown once, retirement, and whether all must sign."""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.signing import secrets
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.people import actor_of
from vendors import queries
from vendors.faces import in_portal
from vendors.models import Product, Vendor


@require_safe
@in_portal("contracts:read")
def signing(request: HttpRequest, vendor: Vendor, product_id: str) -> HttpResponse:
    product = queries.product_for(vendor.id, product_id)
    facts = {
        "product": product,
        "secrets": secrets.secrets_of(product.id),
        "valid_count": secrets.valid_of(product.id).count(),
        "is_required": secrets.is_required(product.id),
        "vendor": vendor,
        "section": "products",
    }
    return render(request, "vendors/signing/signing.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def generate(request: HttpRequest, vendor: Vendor, product_id: str) -> HttpResponse:
    product = queries.product_for(vendor.id, product_id)
    if request.method == "POST":
        return _shown_once(request, vendor, product)
    explanation = _(
        "You get a new secret to build into the application. One that is valid now stays so until you retire it: so there is"
        " time to bring out the new version."
    )
    question = {
        "title": _("Generate a secret?"),
        "action": _("Generate"),
        "explanation": explanation,
        "is_gentle": True,
    }
    return _ask(request, vendor, product, question | {"request_key": random.token_urlsafe(16)})


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def retire(request: HttpRequest, vendor: Vendor, product_id: str, key_id: str) -> HttpResponse:
    product = queries.product_for(vendor.id, product_id)
    if request.method == "POST":
        change = partial(secrets.retire, actor_of(request), vendor.id, product.id, key_id)
        return _told(request, product, change, _("The secret is retired."))
    explanation = _(
        "Applications that sign with it are refused within a second, at every customer. Retire it when the last of them was"
        " replaced, or at once when it has leaked. This can't be undone."
    )
    question = {"title": _("Retire this secret?"), "action": _("Retire it"), "explanation": explanation}
    return _ask(request, vendor, product, question, (_("Key id"), key_id))


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def require(request: HttpRequest, vendor: Vendor, product_id: str) -> HttpResponse:
    """On, or `?signatures=off`: what was asked, also when somebody else has answered it meanwhile."""
    product = queries.product_for(vendor.id, product_id)
    wanted = request.GET.get("signatures") != "off"
    if request.method == "POST":
        done = _("Signatures are required.") if wanted else _("Signatures are no longer required.")
        change = partial(secrets.require, actor_of(request), vendor.id, product.id, is_required=wanted)
        return _told(request, product, change, done)
    if wanted:
        title, action = _("Require signatures?"), _("Require them")
        explanation = _(
            "Applications that don't sign with a valid secret are refused within a second, at every customer. Older versions"
            " without a secret stop working: bring out the new one first."
        )
    else:
        title, action = _("Require no signature?"), _("Require none")
        explanation = _("From then on a customer's stolen key works in any script again.")
    return _ask(request, vendor, product, {"title": title, "action": action, "explanation": explanation})


def _told(request: HttpRequest, product: Product, change: Callable[[], object], done: str) -> HttpResponse:
    """Back to the page, with what came of it."""
    try:
        change()
        messages.success(request, done)
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
    return HttpResponseRedirect(f"/products/{product.id}/signing")


def _shown_once(request: HttpRequest, vendor: Vendor, product: Product) -> HttpResponse:
    """The same form again, the same answer again."""
    content = digest("POST", request.path, request.POST.get("request_key", "")[:64])

    def produce() -> tuple[int, dict[str, Any]]:
        generated = secrets.generate(actor_of(request), vendor.id, product.id)
        return 201, {"key_id": generated.secret.id, "text": generated.text}

    try:
        _status, answer, _replayed = answer_once(
            caller=f"vendor:{vendor.id}:user:{request.user.pk}", key=content, request_digest=content, produce=produce
        )
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
        return HttpResponseRedirect(f"/products/{product.id}/signing")
    facts = {"product": product, "vendor": vendor, "section": "products", **answer}
    return render(request, "vendors/signing/created.html", facts, status=201)


def _ask(
    request: HttpRequest, vendor: Vendor, product: Product, question: dict[str, Any], *facts: tuple[str, str]
) -> HttpResponse:
    named = [(_("Product"), product.name), *facts]
    whole = {
        "facts": named,
        "back": f"/products/{product.id}/signing",
        "vendor": vendor,
        "section": "products",
        **question,
    }
    return render(request, "confirm.html", whole)
