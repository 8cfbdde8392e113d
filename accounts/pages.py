"""Signing in and out, and accepting an invitation. The same on all three kinds of host; each lets its own people in.

No stranger learns who has an account: a wrong address and a wrong password are answered alike, and take as long.
"""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import invitations
from accounts.forms import PasswordForm, SignInForm
from accounts.models import User
from accounts.roles import ENTRY
from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.people import actor_of, safe_next
from cloudlicenses.web.problems import STATUS
from cloudlicenses.web.tries import count_try

BACKEND = "accounts.signing_in.EmailBackend"
HOME = {"tenant": "/", "vendors": "/", "apex": "/operator/"}


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def sign_in(request: HttpRequest) -> HttpResponse:
    """For strangers: this is where they stop being strangers."""
    onward = safe_next(request, HOME[request.host_kind])
    if request.method == "POST":
        return _try_to_sign_in(request, onward)
    if request.user.is_authenticated and request.user.may(ENTRY[request.host_kind]):
        return HttpResponseRedirect(onward)
    return render(request, "accounts/login.html", {"form": SignInForm(), "next": onward})


@require_POST
@for_anyone
def sign_out(request: HttpRequest) -> HttpResponse:
    """For everybody: signing out a stranger changes nothing."""
    if request.user.is_authenticated:
        events.record("user.signed_out", actor=actor_of(request), subject=("user", str(request.user.pk)))
    logout(request)
    return HttpResponseRedirect("/operator/login" if request.host_kind == "apex" else "/login")


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
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(HOME[request.host_kind])
    status = 422 if form.errors else 200
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found}, status=status)


def _try_to_sign_in(request: HttpRequest, onward: str) -> HttpResponse:
    form = SignInForm(request.POST)
    status = 422
    try:
        count_try(request, request.POST.get("email", ""), group="sign-in")
    except Refusal as refusal:
        form.blame(refusal)
        status = STATUS[refusal.kind]
    else:
        if user := _recognised(request, form):
            login(request, user, backend=BACKEND)
            events.record(
                "user.signed_in", actor=actor_of(request), subject=("user", str(user.pk)), vendor_id=user.vendor_id
            )
            return HttpResponseRedirect(onward)
    return render(request, "accounts/login.html", {"form": form, "next": onward}, status=status)


def _recognised(request: HttpRequest, form: SignInForm) -> User | None:
    """Whoever may enter at this host with what was typed; otherwise the form says why not, and the audit log too."""
    if not form.is_valid():
        return None
    user = authenticate(request, **form.cleaned_data)
    if user and user.may(ENTRY[request.host_kind]):
        return user
    form.add_error(None, _("This e-mail address and password don't belong together here."))
    stranger = Actor(
        kind="anonymous", label=form.cleaned_data["email"], ip=request.client_ip, request_id=request.id,
        user_agent=request.headers.get("User-Agent", ""),
    )  # fmt: skip
    events.record("user.sign_in_refused", actor=stranger, code="wrong_credentials", announce=False)
    return None
