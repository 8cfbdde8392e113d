"""How alerts are treated: the rules, and the business hours."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts import calendars, rules
from alerts.forms import HoursForm, RuleForm
from alerts.pages.tabs import tabs
from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.problems import STATUS


@require_safe
@needs("alerts:read")
def rule_list(request: HttpRequest) -> HttpResponse:
    rows = [
        (ruling, [(each.label, ruling.thresholds[each.name]) for each in ruling.kind.thresholds])
        for ruling in rules.all_rules().values()
    ]
    return render(request, "alerts/rules.html", {"rows": rows, "tabs": tabs("/alerts/rules"), "section": "alerts"})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def rule(request: HttpRequest, kind: str) -> HttpResponse:
    ruling, status = rules.rule_for(kind), 200
    form = RuleForm(ruling, request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rules.change(kind, form.changes(), actor=actor_of(request))
                messages.success(request, _("Saved; it holds from now on."))
                return HttpResponseRedirect("/alerts/rules")
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return render(request, "alerts/rule.html", {"ruling": ruling, "form": form, "section": "alerts"}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("alerts:manage")
def hours(request: HttpRequest) -> HttpResponse:
    """When people work here."""
    known, status = calendars.business_hours(), 200
    form = HoursForm(known, request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                calendars.set_hours(form.wanted(), actor=actor_of(request))
                messages.success(request, _("Saved; it holds from now on."))
                return HttpResponseRedirect("/alerts/hours")
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    facts = {
        "form": form, "tabs": tabs("/alerts/hours"), "section": "alerts", "upcoming": calendars.upcoming(known, clock.today())[:5],
        "ruling": rules.rule_for("outside_hours"),
    }  # fmt: skip
    return render(request, "alerts/hours.html", facts, status=status)
