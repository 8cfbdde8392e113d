"""Pages that a link by mail leads to: an invitation, and another password for a forgotten one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import invitations, resets, signing_in
from accounts.forms import ForgottenForm, PasswordForm
from accounts.pages.entering import HOME
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import tries
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """For whoever holds the link: choose a password, and be signed in."""
    found = invitations.find(secret)
    form = PasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.accept(secret, form.cleaned_data["password"])
        except Refusal as refusal:
            if not refusal.errors:
                raise
            form.blame(refusal)
        else:
            signing_in.enter(request, user, by="invitation")
            return HttpResponseRedirect(HOME[request.host_kind])
    status = 422 if form.errors else 200
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def forgotten(request: HttpRequest) -> HttpResponse:
    """For strangers, who hear the same whether or not anybody has the address."""
    form, status, is_asked = ForgottenForm(request.POST or None), 200, False
    if request.method == "POST":
        status = 422
        try:
            tries.take(request, request.POST.get("email", "").strip()[:254], group="forgotten")
            if form.is_valid():
                resets.ask(form.cleaned_data["email"], actor=actor_of(request))
                status, is_asked = 200, True
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    return render(request, "accounts/forgotten.html", {"form": form, "is_asked": is_asked}, status=status)


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """For whoever holds the link: choose another password, then sign in with it, and with the second factor where there is one."""
    found = resets.find(secret)
    form = PasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        resets.use(secret, form.cleaned_data["password"], actor=actor_of(request, label=found.user.email))
        messages.success(request, _("Your password is changed. Sign in with it."))
        return HttpResponseRedirect(reverse("login"))
    status = 422 if form.errors else 200
    return render(request, "accounts/reset.html", {"form": form, "reset": found}, status=status)
