"""What a customer's people change about their licenses: a seat taken back, limits of their own.

What they see of them stands above, in `insight`, with costs and history beside it.
"""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.faces import visitor
from cloudlicenses.kit.refusals import InvalidInput, NotFound, Refusal
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.templatetags.pages import money
from licensing import caps, leases, queries
from licensing.forms import CapsForm
from licensing.models import Lease, License


@require_http_methods(["GET", "HEAD", "POST"])
@needs("licenses:manage")
def take_back(request: HttpRequest, lease_id: str) -> HttpResponse:
    """Asks first, since somebody is at work with that seat."""
    lease = _lease(lease_id)
    if request.method == "POST":
        with transaction.atomic():
            _take_back(request, lease)
        return HttpResponseRedirect(f"/licenses/{lease.license_id}")
    facts = {
        "title": _("Take this seat back?"),
        "explanation": _(
            "%(user)s loses it at the next heartbeat of the application, within minutes, and somebody else can have it at once."
        )
        % {"user": lease.user},
        "facts": [(_("License"), lease.license.product_name), (_("Host"), lease.hostname or "–")],
        "cost": _cost(request, lease),
        "action": _("Take it back"),
        "back": f"/licenses/{lease.license_id}",
        "section": "licenses",
    }
    return render(request, "confirm.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("licenses:manage")
def limits(request: HttpRequest, license_id: str) -> HttpResponse:
    """The customer's own caps and budget: in force at the next checkout, and only ever below the contract."""
    license_ = queries.license_for(license_id)
    form = CapsForm(license_, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            limited = caps.set_caps(actor_of(request), license_id, form.wishes())
        except InvalidInput as refusal:
            form.blame(refusal)
        else:
            messages.success(request, _consequence(limited))
            return HttpResponseRedirect(f"/licenses/{license_id}")
    facts = {"form": form, "license": license_, "section": "licenses"}
    return render(request, "licensing/limits.html", facts, status=422 if form.errors else 200)


def _consequence(license_: License) -> str:
    """What the limits mean for whoever wants a seat now."""
    held: int = license_.held  # type: ignore[attr-defined]  # annotated
    if license_.cap_in_use is not None and held > license_.cap_in_use:
        numbers = {"held": held, "limit": license_.cap_in_use}
        return (
            _(
                "%(held)s seats are in use and %(limit)s allowed from now on: nobody loses a seat, and checkouts are refused until "
                "enough have come back."
            )
            % numbers
        )
    if license_.monthly_budget is not None and queries.spent_this_month(license_) >= license_.monthly_budget:
        return _("The budget of this month is spent: checkouts beyond the commit are refused until it is over.")
    return _("The limits are in force from the next checkout on.")


def _take_back(request: HttpRequest, lease: Lease) -> None:
    try:
        leases.take_back(actor_of(request), lease.pk)
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
    else:
        messages.success(request, _("The seat of %(user)s is free again.") % {"user": lease.user})


def _cost(request: HttpRequest, lease: Lease) -> str:
    if not lease.cost or not visitor(request).may("costs:read"):
        return ""
    amount = money(lease.cost, lease.currency)
    return _("This checkout cost %(amount)s. It stays on the bill, and the next one is billed anew.") % {
        "amount": amount
    }


def _lease(lease_id: str) -> Lease:
    lease = queries.leases(active=True).filter(pk=lease_id).first()
    if lease is None:
        raise NotFound
    return lease
