"""Rows of the seats in use. Written in one go, since a page may hold a thousand and is asked for again at each event."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cloudlicenses.web.templatetags.pages import money, state, when
from licensing.models import Lease

register = template.Library()
KINDS = ("commit", "overage")


@register.simple_tag
def seat_rows(leases: Iterable[Lease], sees_money: bool, can_take_back: bool) -> SafeString:
    """A row each, with an id of its own, and nothing between them: a morph then leaves all alone but those that changed."""
    host, seat, since, until = (escape(_(word)) for word in ("Host", "Seat", "Since", "Until"))
    kinds = {kind: state(kind) for kind in KINDS}
    rows = (
        f'<tr id="{escape(lease.pk)}"><td><strong>{escape(lease.user)}</strong></td>'
        f'<td data-label="{host}">{escape(lease.hostname) or "–"}</td>'
        f'<td data-label="{seat}"><span>{kinds[lease.lease_type]}{_cost(lease) if sees_money else ""}</span></td>'
        f'<td data-label="{since}">{when(lease.issued_at, "relative")}</td>'
        f'<td data-label="{until}">{when(lease.expires_at, "relative")}</td>'
        f"{_take_back(lease) if can_take_back else ''}</tr>"
        for lease in leases
    )
    return SafeString("".join(rows))


def _cost(lease: Lease) -> str:
    return f' <span class="num quiet">{money(lease.cost, lease.currency)}</span>' if lease.cost else ""


def _take_back(lease: Lease) -> str:
    id, words = escape(lease.pk), escape(_("Take back"))
    label = escape(_("Take back the seat of %(user)s") % {"user": lease.user})
    return (
        f'<td class="row-actions-cell"><div class="row-actions"><a class="btn btn-quiet btn-small" id="take-{id}" data-dialog'
        f' href="/leases/{id}/take-back" aria-label="{label}">{words}</a></div></td>'
    )
