"""What a customer's people see of their licenses: all vendors' on one page, and each with who holds its seats.

Money is shown to roles with `costs:read` alone; seats are taken back by those with `licenses:manage`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.web.htmx import render_page
from cloudlicenses.web.pagination import page_of
from cloudlicenses.web.people import actor_of, needs
from licensing import leases, queries
from licensing.models import Lease, License

MOST_DENIALS = 10
NEWEST_LEASES = ("-issued_at", "id")


@dataclass(frozen=True, slots=True)
class Card:
    """A license as it is shown; `spent` is this month's overage, `last_at` an instant of the contract's last day."""

    license: License
    state: str
    held: int
    commit_held: int
    overage_held: int
    free: int
    spent: Decimal
    last_at: datetime


@require_safe
@needs("licenses:read")
def home(request: HttpRequest) -> HttpResponse:
    cards = sorted((_card(license_) for license_ in queries.licenses()), key=lambda card: card.state != "active")
    facts = {"cards": cards, "section": "home", **_totals(cards)}
    return render_page(request, "licensing/home.html", "licensing/_licenses.html", facts)


@require_safe
@needs("licenses:read")
def license_page(request: HttpRequest, license_id: str) -> HttpResponse:
    """htmx asks again for the seats alone."""
    found = queries.license_for(license_id)
    holders = page_of(
        queries.leases(active=True).filter(license=found), request.GET, lambda row: row, order=NEWEST_LEASES
    )
    facts = {
        "card": _card(found),
        "leases": holders["data"],
        "next_cursor": holders["next_cursor"],
        "denials": queries.denials().filter(license_id=license_id).order_by("-at", "-id")[:MOST_DENIALS],
        "section": "home",
    }
    return render_page(request, "licensing/license.html", "licensing/_seats_in_use.html", facts)


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
            " What the checkout cost stays on the bill."
        )
        % {"user": lease.user},
        "action": _("Take it back"),
        "back": f"/licenses/{lease.license_id}",
        "section": "home",
    }
    return render(request, "confirm.html", facts)


def _take_back(request: HttpRequest, lease: Lease) -> None:
    try:
        leases.take_back(actor_of(request), lease.pk)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("The seat of %(user)s is free again.") % {"user": lease.user})


def _lease(lease_id: str) -> Lease:
    lease = queries.leases(active=True).filter(pk=lease_id).first()
    if lease is None:
        raise NotFound
    return lease


def _card(license_: License) -> Card:
    state = _state(license_)
    held, overage = int(license_.held), int(license_.held_overage)  # type: ignore[attr-defined]  # annotated
    return Card(
        license=license_,
        state=state,
        held=held,
        commit_held=held - overage,
        overage_held=overage,
        free=queries.free_seats(license_) if state == "active" else 0,
        spent=Decimal(str(queries.spent_this_month(license_))),
        last_at=license_.ends_at - timedelta(microseconds=1),
    )


def _state(license_: License) -> str:
    """The status, unless the contract's days say more."""
    now = clock.now()
    if license_.status != License.Status.ACTIVE:
        return str(license_.status)
    if now < license_.starts_at:
        return "not_started"
    return "expired" if now >= license_.ends_at and not license_.auto_renew else "active"


def _totals(cards: Iterable[Card]) -> dict[str, Any]:
    """Of everything: seats, and money by currency, for nobody adds euros to dollars."""
    fees: dict[str, Decimal] = defaultdict(Decimal)
    overage: dict[str, Decimal] = defaultdict(Decimal)
    held = free = 0
    for card in cards:
        held, free = held + card.held, free + card.free
        overage[card.license.currency] += card.spent
        fees[card.license.currency] += card.license.commit_fee_monthly if card.state == "active" else 0
    return {"held": held, "free": free, "fees": sorted(fees.items()), "overage": sorted(overage.items())}
