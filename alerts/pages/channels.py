"""Where alerts go: the list, each with what it was sent, tests, pauses; secrets shown once."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.faces import visitor
from accounts.models import Role
from alerts import channels, deliveries, trying, wording
from alerts.forms import CHANNEL_FORMS, ChannelForm, DeliveryFilter
from alerts.kinds import KINDS
from alerts.models import Channel
from alerts.pages.tabs import tabs
from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.web.idempotency import answer_once, digest
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.outgoing.signing import still_until
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.problems import STATUS

NEWEST = {"-created": ("created_at", "id")}
WORDS = {
    "email": gettext_lazy("E-mail"),
    "webhook": gettext_lazy("Webhook"),
    "slack": "Slack",
    "pagerduty": "PagerDuty",
}
ICONS = {"email": "mail", "webhook": "webhook", "slack": "send", "pagerduty": "bell"}


@require_safe
@needs("alerts:read")
def channel_list(request: HttpRequest) -> HttpResponse:
    rows = [
        (channel, WORDS[channel.kind], ICONS[channel.kind], _goes_to(channel)) for channel in channels.all_channels()
    ]
    facts = {
        "rows": rows,
        "kinds": [(kind, WORDS[kind], ICONS[kind]) for kind in CHANNEL_FORMS],
        "tabs": tabs("/alerts/channels"),
    }
    return _page(request, "alerts/channels.html", facts)


@require_safe
@needs("alerts:read")
def channel_page(request: HttpRequest, channel_id: str) -> HttpResponse:
    """What a channel was sent, and what became of it."""
    channel, filters = channels.channel_for(channel_id), DeliveryFilter(request.GET)
    found = deliveries.of_channel(channel).select_related("alert")
    if status := filters.said("status"):
        found = found.filter(status=status)
    listing = listing_of(found, request.GET, NEWEST)
    facts = {
        "channel": channel, "word": WORDS[channel.kind], "former_until": still_until(channel.former_secret_until),
        "goes_to": _goes_to(channel), "filters": filters, "listing": listing,
        "rows": [(each, wording.headline(each.alert) if each.alert else "") for each in listing.rows],
        "kinds": [KINDS[kind].title for kind in channel.kinds if kind in KINDS],
    }  # fmt: skip
    return _page(request, "alerts/channel.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def add(request: HttpRequest, kind: str) -> HttpResponse:
    form, status = _form(kind)(request.POST or None, initial=_beginning(kind)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _added(request, kind, form)
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return _page(request, "alerts/channel_form.html", {"form": form, "kind": kind, "word": WORDS[kind]}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def change(request: HttpRequest, channel_id: str) -> HttpResponse:
    channel, status = channels.channel_for(channel_id), 200
    form = _form(channel.kind)(request.POST or None, initial=_as_it_is(channel))
    form.keep_secrets()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                changes = form.wishes() | ({"target": target} if (target := form.target()) else {})
                channels.change(channel_id, changes, actor=actor_of(request))
                return _back(request, channel_id, _("Saved."))
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    facts = {"form": form, "channel": channel, "kind": channel.kind, "word": WORDS[channel.kind]}
    return _page(request, "alerts/channel_form.html", facts, status)


@require_POST
@needs("alerts:manage")
def pause(request: HttpRequest, channel_id: str) -> HttpResponse:
    """Or resume: what the button said, also when somebody else has pressed it meanwhile."""
    is_active = request.POST.get("is_active") == "on"
    channels.change(channel_id, {"is_active": is_active}, actor=actor_of(request))
    return _back(
        request, channel_id, _("Messages go out again.") if is_active else _("Nothing is sent there until you resume.")
    )


@require_POST
@needs("alerts:manage")
def test(request: HttpRequest, channel_id: str) -> HttpResponse:
    trying.send_test(channel_id, actor=actor_of(request))
    return _back(request, channel_id, _("A test is on its way; what became of it stands below in a moment."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def rotate_secret(request: HttpRequest, channel_id: str) -> HttpResponse:
    channel = channels.channel_for(channel_id)
    if channel.kind != Channel.Kind.WEBHOOK:
        raise NotFound
    if request.method == "POST":
        channel, secret = channels.rotate_secret(channel_id, actor=actor_of(request))
        return _page(request, "alerts/channel_secret.html", {"channel_id": channel.id, "secret": secret}, 201)
    explanation = _(
        "You get a new secret. For 24 hours messages are signed with the former one too, so that nothing is lost."
    )
    question = {"title": _("Rotate the signing secret?"), "action": _("Rotate"), "is_gentle": True}
    return _ask(request, channel, question | {"explanation": explanation})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def remove(request: HttpRequest, channel_id: str) -> HttpResponse:
    channel = channels.channel_for(channel_id)
    if request.method == "POST":
        channels.remove(channel_id, actor=actor_of(request))
        messages.success(request, _("The channel is removed."))
        return HttpResponseRedirect("/alerts/channels")
    explanation = _(
        "Nobody hears of alerts there any more, and the log of what it was sent goes. This can't be undone."
    )
    question = {"title": _("Remove this channel?"), "action": _("Remove it"), "explanation": explanation}
    return _ask(request, channel, question)


def _goes_to(channel: Channel) -> str:
    """The hint of it, the roles of a mail by the names that people know."""
    roles = {str(value): str(label) for value, label in Role.choices}
    return ", ".join(roles.get(part, part) for part in channel.hint.split(", "))


def _form(kind: str) -> type[ChannelForm]:
    if kind not in CHANNEL_FORMS:
        raise NotFound
    return CHANNEL_FORMS[kind]


def _beginning(kind: str) -> dict[str, Any]:
    return {"name": WORDS[kind], "request_key": secrets.token_urlsafe(16), "roles": ["owner", "license_admin"]}


def _as_it_is(channel: Channel) -> dict[str, Any]:
    said = {name: getattr(channel, name) for name in ("name", "least_severity", "kinds", "language")}
    if channel.kind == Channel.Kind.EMAIL:
        target = channels.target_of(channel)
        said |= {"roles": target.get("roles", []), "to": "\n".join(target.get("to", []))}
    return said


def _added(request: HttpRequest, kind: str, form: ChannelForm) -> HttpResponse:
    """The same form again adds no other channel; its secret is shown again."""
    content = digest(
        "POST", request.path, {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    )
    actor = actor_of(request)

    def produce() -> tuple[int, dict[str, Any]]:
        channel, secret = channels.add(kind, form.target(), actor=actor, **form.wishes())
        return 201, {"channel_id": channel.id, "secret": secret}

    _status, answer, _replayed = answer_once(
        caller=f"user:{visitor(request).pk}",
        key=f"{request.POST.get('request_key', '')[:64]}:{content}",
        request_digest=content,
        produce=produce,
    )
    if answer["secret"]:
        return _page(request, "alerts/channel_secret.html", answer, 201)
    return _back(request, str(answer["channel_id"]), _("Added. Send a test to see whether it arrives."))


def _ask(request: HttpRequest, channel: Channel, question: dict[str, Any]) -> HttpResponse:
    facts = [(_("Channel"), channel.name), (_("Kind"), WORDS[channel.kind])]
    return _page(request, "confirm.html", {"facts": facts, "back": f"/alerts/channels/{channel.id}", **question})


def _page(request: HttpRequest, template: str, facts: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, {"section": "alerts", **facts}, status=status)


def _back(request: HttpRequest, channel_id: str, text: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(f"/alerts/channels/{channel_id}")
