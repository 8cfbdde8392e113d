"""A vendor's webhooks, by hand: endpoints with secrets shown once, what was delivered and what was not, tests, redelivery."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.models import WebhookEndpoint
from billing.webhooks import deliveries, endpoints
from billing.webhooks.forms import DeliveryFilter, EndpointForm
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.htmx import render_page
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.outgoing.signing import still_until
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from vendors.faces import in_portal
from vendors.models import Vendor

NEWEST = {"-created": ("created_at", "id")}
Made = tuple[WebhookEndpoint, str]


@require_safe
@in_portal("integrations:manage")
def endpoint_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    listing = listing_of(deliveries.with_newest(endpoints.endpoints()), request.GET, NEWEST)
    return _page(request, vendor, "billing/webhooks/list.html", {"listing": listing})


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def add(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    form, status = EndpointForm(request.POST or None, initial={"request_key": secrets.token_urlsafe(16)}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said, actor = form.wishes(), actor_of(request)
            try:
                return _shown_once(request, vendor, lambda: endpoints.add(vendor.id, actor=actor, **said))
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return _page(request, vendor, "billing/webhooks/form.html", {"form": form}, status)


@require_safe
@in_portal("integrations:manage")
def endpoint_page(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    endpoint, filters = endpoints.endpoint_for(endpoint_id), DeliveryFilter(request.GET)
    found = deliveries.deliveries_of(endpoint_id)
    if status := filters.said("status"):
        found = found.filter(status=status)
    facts = {
        "endpoint": endpoint, "former_until": still_until(endpoint.former_secret_until), "filters": filters,
        "listing": listing_of(found, request.GET, NEWEST), "vendor": vendor, "section": "webhooks",
    }  # fmt: skip
    return render_page(request, "billing/webhooks/endpoint.html", "billing/webhooks/_deliveries.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def change(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    """An empty token leaves the one there is."""
    endpoint = endpoints.endpoint_for(endpoint_id)
    form = EndpointForm(
        request.POST or None, initial={"url": endpoint.url, "listens_to": endpoint.events}, is_new=False
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                endpoints.change(endpoint_id, form.changes(), actor=actor_of(request))
                return _back(request, endpoint_id, _("Saved."))
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return _page(request, vendor, "billing/webhooks/form.html", {"form": form, "endpoint": endpoint}, status)


@require_POST
@in_portal("integrations:manage")
def pause(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    """Or resume: what the button said, also when somebody else has pressed it meanwhile."""
    is_active = request.POST.get("is_active") == "on"
    endpoints.change(endpoint_id, {"is_active": is_active}, actor=actor_of(request))
    return _back(
        request, endpoint_id, _("Messages go out again.") if is_active else _("Messages wait until you resume.")
    )


@require_POST
@in_portal("integrations:manage")
def test(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    deliveries.send_test(endpoint_id, actor=actor_of(request))
    return _back(request, endpoint_id, _("A test message is on its way; its delivery stands below in a moment."))


@require_POST
@in_portal("integrations:manage")
def redeliver(request: HttpRequest, vendor: Vendor, endpoint_id: str, delivery_id: str) -> HttpResponse:
    deliveries.redeliver(endpoint_id, delivery_id, actor=actor_of(request))
    return _back(request, endpoint_id, _("The message is on its way again."))


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def rotate_secret(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    endpoint = endpoints.endpoint_for(endpoint_id)
    if request.method == "POST":
        actor = actor_of(request)
        return _shown_once(request, vendor, lambda: endpoints.rotate_secret(endpoint_id, actor=actor))
    explanation = _(
        "You get a new secret. For 24 hours messages are signed with the former one too, so that nothing is lost."
    )
    question = {
        "title": _("Rotate the signing secret?"),
        "explanation": explanation,
        "action": _("Rotate"),
        "is_gentle": True,
    }
    return _ask(request, vendor, endpoint, question | {"request_key": secrets.token_urlsafe(16)})


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("integrations:manage")
def remove(request: HttpRequest, vendor: Vendor, endpoint_id: str) -> HttpResponse:
    endpoint = endpoints.endpoint_for(endpoint_id)
    if request.method == "POST":
        endpoints.remove(endpoint_id, actor=actor_of(request))
        messages.success(request, _("The webhook is removed."))
        return HttpResponseRedirect("/webhooks")
    explanation = _("What waits for it is not sent any more, and the log of its deliveries goes. This can't be undone.")
    question = {"title": _("Remove this webhook?"), "explanation": explanation, "action": _("Remove it")}
    return _ask(request, vendor, endpoint, question)


def _ask(request: HttpRequest, vendor: Vendor, endpoint: WebhookEndpoint, question: dict[str, Any]) -> HttpResponse:
    whole = {"facts": [(_("Address"), endpoint.url)], "back": f"/webhooks/{endpoint.id}", **question}
    return _page(request, vendor, "confirm.html", whole)


def _shown_once(request: HttpRequest, vendor: Vendor, make: Callable[[], Made]) -> HttpResponse:
    """The same form again, the same answer again."""
    said = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    content = digest("POST", request.path, said)

    def produce() -> tuple[int, dict[str, Any]]:
        endpoint, secret = make()
        return 201, {"endpoint_id": endpoint.id, "url": endpoint.url, "secret": secret}

    _status, answer, _replayed = answer_once(
        caller=f"vendor:{vendor.id}:user:{request.user.pk}",
        key=f"{request.POST.get('request_key', '')[:64]}:{content}",
        request_digest=content,
        produce=produce,
    )
    return _page(request, vendor, "billing/webhooks/secret.html", answer, 201)


def _page(
    request: HttpRequest, vendor: Vendor, template: str, facts: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, {"vendor": vendor, "section": "webhooks", **facts}, status=status)


def _back(request: HttpRequest, endpoint_id: str, text: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(f"/webhooks/{endpoint_id}")
