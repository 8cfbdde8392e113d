"""The operator's page about keys: how each owner's data key stands, rotating one, and taking a new master key into use."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.rotation import masters, overview, rotating
from cloudlicenses.rotation.forms import KeyFilter
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of, needs

ORDERS = {"owner": ("owner", "id"), "created": ("created_at", "id"), "-version": ("version", "id")}
LIST = "/operator/encryption"


@require_safe
@needs("platform:read")
def key_list(request: HttpRequest) -> HttpResponse:
    filters = KeyFilter(request.GET)
    keys = overview.keys_in_use()
    if about := filters.said("about").replace("\0", ""):
        keys = keys.filter(owner__icontains=about)
    listing = listing_of(keys, request.GET, ORDERS)
    facts = {
        "masters": overview.of_masters(),
        "rows": overview.standings(listing.rows),
        "listing": listing,
        "filters": filters,
        "days": settings.DATA_KEY_DAYS,
        "section": "encryption",
    }
    return render(request, "rotation/encryption.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def rotate(request: HttpRequest, owner: str) -> HttpResponse:
    """The new key seals at once; a worker brings the rest to it."""
    key = overview.keys_in_use().filter(owner=owner).first()
    if key is None:
        raise NotFound
    if request.method == "POST":
        return _rotated(request, owner)
    question = {
        "title": _("Rotate the data key of %(owner)s?") % {"owner": owner},
        "explanation": _(
            "A new key seals from now on, and all that the present one has sealed is sealed again in the background."
            " Nothing stands still meanwhile; the present key is destroyed an hour after nothing needs it any more."
        ),
        "facts": [(_("Owner"), owner), (_("Version"), f"{key.version} → {key.version + 1}")],
        "action": _("Rotate"),
    }
    return render(request, "confirm.html", question | {"back": LIST, "section": "encryption"})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def rotate_master(request: HttpRequest) -> HttpResponse:
    standing = overview.of_masters()
    if not standing.by_former or standing.lacking:
        messages.error(request, _("There is nothing to wrap again, or MASTER_KEY lacks a key that wraps something."))
        return HttpResponseRedirect(LIST)
    if request.method == "POST":
        count = masters.rewrap(actor_of(request), lambda _line: None)
        said = ngettext("%(n)s data key was wrapped again.", "%(n)s data keys were wrapped again.", count)
        messages.success(request, said % {"n": count})
        return HttpResponseRedirect(LIST)
    question = {
        "title": _("Take the new master key into use?"),
        "explanation": _(
            "Every data key is wrapped again with the first key of MASTER_KEY. Processes that were started without it can't"
            " open secrets afterwards: make sure that all of them know it. Nothing else changes, and nothing stands still."
        ),
        "facts": [(_("New master key"), standing.known[0]), (_("To wrap again"), standing.by_former)],
        "action": _("Wrap again"),
    }
    return render(request, "confirm.html", question | {"back": LIST, "section": "encryption"})


def _rotated(request: HttpRequest, owner: str) -> HttpResponse:
    try:
        key = rotating.begin(owner, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
    else:
        said = _("%(owner)s has its key number %(version)s. The rest follows in the background.")
        messages.success(request, said % {"owner": owner, "version": key.version})
    return HttpResponseRedirect(LIST)
