"""An owner asks that somebody be forgotten, and sees what came of it. A job does it, within seconds (carrying_out.py)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import queries
from accounts.faces import visitor
from cloudlicenses.erasure import asking
from cloudlicenses.erasure.asking import Whose
from cloudlicenses.erasure.forms import EraseForm
from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from tenants import context
from tenants.context import platform

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """`?user=`: whom it begins with. Nobody is forgotten who may still sign in, or is known to nothing here."""
    whose = Whose(context.current().tenant_id, visitor(request).vendor_id)
    form, status = EraseForm(request.POST or None, initial={"names": _names_of(request, whose)}), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                asking.ask(form.cleaned_data["names"], whose, actor=actor_of(request))
                messages.success(request, _("They are forgotten within a minute. This page says when it is done."))
                return HttpResponseRedirect(reverse("erase"))
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    with platform():
        done = list(asking.erasures(whose)[:SHOWN])
    return render(request, "erasure/erase.html", {"form": form, "erasures": done, "section": "team"}, status=status)


def _names_of(request: HttpRequest, whose: Whose) -> str:
    """Of whoever has an account; the rest is for the owner to say."""
    try:
        user = queries.person(request.GET.get("user", ""), vendor_id=whose.vendor_id)
    except NotFound:
        return ""
    return "\n".join(name for name in (user.email, user.name) if name)
