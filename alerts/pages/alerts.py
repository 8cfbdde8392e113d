"""The alerts: what is open, what each is about, and what people do about it. They follow what happens, without reloading."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alerts import handling, queries, wording
from alerts.forms import AlertFilter, NoteForm
from alerts.models import Alert
from alerts.pages.tabs import tabs
from alerts.refusals import AlreadyResolved
from cloudlicenses.web.htmx import render_page, wants_fragment
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of, needs

ORDERS = {"-last": ("last_at", "id")}
PAGES = {  # where a subject is at home
    "key": "/keys/{}", "user": "/users/{}", "license": "/licenses/{}", "certificate": "/certificates/{}",
    "authority": "/certificates",
}  # fmt: skip


@require_safe
@needs("alerts:read")
def alert_list(request: HttpRequest) -> HttpResponse:
    """What is not resolved, unless one asks for something else."""
    query = request.GET if request.GET else {"status": queries.UNRESOLVED}
    filters = AlertFilter(query)
    listing = listing_of(queries.alerts(filters.wanted()), request.GET, ORDERS)
    facts = {
        "filters": filters, "listing": listing, "rows": [_row(alert) for alert in listing.rows], "tabs": tabs("/alerts"),
        "is_first_look": not request.GET, "section": "alerts",
    }  # fmt: skip
    return render_page(request, "alerts/alerts.html", "alerts/_alerts.html", facts)


@require_safe
@needs("alerts:read")
def alert_page(request: HttpRequest, alert_id: str) -> HttpResponse:
    alert = queries.alert_for(alert_id)
    facts = {
        **_row(alert), "advice": wording.advice(alert), "why": wording.why_resolved(alert), "form": NoteForm(),
        "seen": [{**each, "at": datetime.fromisoformat(each["at"])} for each in alert.seen],
        "section": "alerts", "subject_url": PAGES.get(alert.subject_kind, "").format(alert.subject_id),
    }  # fmt: skip
    return render_page(request, "alerts/alert.html", "alerts/_alert.html", facts)


@require_POST
@needs("alerts:manage")
def acknowledge(request: HttpRequest, alert_id: str) -> HttpResponse:
    try:
        handling.acknowledge(alert_id, actor=actor_of(request), note=_note(request))
        messages.success(request, _("Acknowledged: your colleagues see that you are at it."))
    except AlreadyResolved as refusal:
        messages.error(request, _(refusal.detail))
    return HttpResponseRedirect(f"/alerts/{alert_id}")


@require_POST
@needs("alerts:manage")
def resolve(request: HttpRequest, alert_id: str) -> HttpResponse:
    handling.resolve(alert_id, actor=actor_of(request), note=_note(request))
    messages.success(request, _("Resolved. If it happens again, you will hear of it again."))
    return HttpResponseRedirect(f"/alerts/{alert_id}")


@require_safe
@needs("alerts:read")
def open_count(request: HttpRequest) -> HttpResponse:
    """The number in the navigation, for the page around it; alone it is not one."""
    if not wants_fragment(request):
        return HttpResponseRedirect("/alerts")
    return render(request, "alerts/_count.html", {"open_alerts": queries.open_count()})


def _note(request: HttpRequest) -> str:
    form = NoteForm(request.POST)
    return str(form.cleaned_data["note"]) if form.is_valid() else ""


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "title": wording.title(alert),
        "summary": wording.summary(alert),
        "rows": wording.facts(alert),
    }
