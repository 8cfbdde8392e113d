"""My account: name, language, time zone; the password; where one is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passwords, people, sessions
from accounts.faces import visitor
from accounts.forms import ChangePasswordForm, ProfileForm
from accounts.pages.tabs import account_tabs
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import tries
from cloudlicenses.web.people import actor_of, needs
from cloudlicenses.web.problems import STATUS


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage")
def profile(request: HttpRequest) -> HttpResponse:
    user = visitor(request)
    known = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    form = ProfileForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        people.describe(user, **form.cleaned_data, actor=actor_of(request))
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("account"))
    facts = {"form": form, "tabs": account_tabs(request, "account"), "section": "account"}
    return render(request, "accounts/profile.html", facts, status=422 if form.errors else 200)


@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True)
def password(request: HttpRequest) -> HttpResponse:
    user, status = visitor(request), 200
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST":
        status = 422
        try:
            tries.take(request, f"user {user.pk}", group="confirm")
            if form.is_valid() and _change(request, form):
                messages.success(request, _("Your password is changed. All other browsers are signed out."))
                return HttpResponseRedirect(reverse("security"))
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    return render(request, "accounts/password.html", {"form": form, "section": "account"}, status=status)


@require_POST
@needs("account:manage", while_enrolling=True)
def end_session(request: HttpRequest, session_id: str) -> HttpResponse:
    sessions.end(visitor(request), session_id, actor=actor_of(request))
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("security") + "#sessions")


@require_POST
@needs("account:manage", while_enrolling=True)
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_all(visitor(request), actor=actor_of(request), but=request.session.session_key)
    messages.success(
        request,
        ngettext("%(n)s other browser is signed out.", "%(n)s other browsers are signed out.", ended) % {"n": ended},
    )
    return HttpResponseRedirect(reverse("security") + "#sessions")


def _change(request: HttpRequest, form: ChangePasswordForm) -> bool:
    said, user = form.cleaned_data, visitor(request)
    passwords.change(
        user, said["present"], said["password"], actor=actor_of(request), session_key=request.session.session_key
    )
    tries.give_back(request, f"user {user.pk}", group="confirm")
    update_session_auth_hash(request, user)
    return True
