"""Signing in and out. No stranger learns who has an account: a wrong address and a wrong password are answered alike, and take as
long; whether there is a second factor is told only to whoever knew the password.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import devices, passkeys, signing_in
from accounts.forms import CodeForm, SignInForm
from accounts.models import User
from accounts.pages.answers import answer_of_browser, keep_question, kept_question, place_of
from accounts.refusals import PasskeyRefused, WrongCode
from accounts.roles import ENTRY
from audit import events
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import throttling, tries
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.people import actor_of, safe_next
from cloudlicenses.web.problems import STATUS

HOME = {"tenant": "/", "vendors": "/", "apex": "/operator/"}
QUESTIONS = "60/5m"  # for passkeys, from one address


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def sign_in(request: HttpRequest) -> HttpResponse:
    """For strangers: this is where they stop being strangers."""
    onward = safe_next(request, HOME[request.host_kind])
    if request.method == "POST":
        return _try_to_sign_in(request, onward)
    if isinstance(request.user, User) and _may_enter(request, request.user):
        return HttpResponseRedirect(onward)
    return _ask(request, SignInForm(), onward)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def second_step(request: HttpRequest) -> HttpResponse:
    """For whoever has just shown the password of an account that has a second factor."""
    found = signing_in.half_way(request)
    if found is None:
        return HttpResponseRedirect(reverse("login"))
    user, onward = found
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            tries.take(request, f"user {user.pk}", group="code")
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
        else:
            if form.is_valid() and (factor := signing_in.accepts_code(request, user, form.cleaned_data["code"])):
                tries.give_back(request, f"user {user.pk}", group="code")
                return _let_in(request, user, onward, by=f"password, {factor}")
            _record_refusal(request, user.email, WrongCode.code, vendor_id=user.vendor_id)
            form.add_error("code", _("This code is not right, or was used already."))
    facts = {"form": form, "has_passkeys": user.passkeys.filter(rp_id=place_of(request).host).exists()}
    return render(request, "accounts/second_step.html", facts, status=status)


@never_cache
@require_POST
@for_anyone
def ask_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser asks the device: of whoever is half-way in, else of anybody."""
    throttling.refuse_too_many(request, "passkey", QUESTIONS)
    found = signing_in.half_way(request)
    options, state = passkeys.begin_asking(place_of(request), found[0] if found else None)
    keep_question(request, state)
    return JsonResponse(options)


@never_cache
@require_POST
@for_anyone
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """The device's answer: as good as password and code."""
    found = signing_in.half_way(request)
    onward = found[1] if found else safe_next(request, HOME[request.host_kind])
    try:
        user = passkeys.recognise(
            place_of(request), kept_question(request), answer_of_browser(request), found[0] if found else None
        )
        if not _may_enter(request, user):
            raise PasskeyRefused
    except PasskeyRefused as refusal:
        _record_refusal(request, found[0].email if found else "", refusal.code)
        messages.error(request, _("This passkey is not known here. Sign in with your password."))
        return HttpResponseRedirect(
            reverse("second_step") if found else f"{reverse('login')}?{urlencode({'next': onward})}"
        )
    return _let_in(request, user, onward, by="passkey")


@require_POST
@for_anyone
def sign_out(request: HttpRequest) -> HttpResponse:
    """For everybody: signing out a stranger changes nothing."""
    signing_in.leave(request)
    return HttpResponseRedirect(reverse("login"), headers={"Clear-Site-Data": '"cache"'})


def _try_to_sign_in(request: HttpRequest, onward: str) -> HttpResponse:
    form = SignInForm(request.POST)
    account = devices.account_tried(request.POST.get("email", ""), request.COOKIES.get(devices.COOKIE, ""))
    status = 422
    try:
        tries.take(request, account, group="sign-in")
    except Refusal as refusal:
        form.blame(refusal)
        status = STATUS[refusal.kind]
    else:
        if user := _recognised(request, form):
            tries.give_back(request, account, group="sign-in")
            if user.second_factor_since is None:
                return _let_in(request, user, onward, by="password")
            signing_in.wait_for_second_factor(request, user, onward)
            return HttpResponseRedirect(reverse("second_step"))
    return _ask(request, form, onward, status=status)


def _recognised(request: HttpRequest, form: SignInForm) -> User | None:
    """Whoever may enter at this host with what was typed; otherwise the form says why not, and the audit log too."""
    if not form.is_valid():
        return None
    user = authenticate(request, **form.cleaned_data)
    if isinstance(user, User) and _may_enter(request, user):
        return user
    _record_refusal(request, form.cleaned_data["email"], "wrong_credentials")
    form.add_error(None, _("This e-mail address and password don't belong together here."))
    return None


def _may_enter(request: HttpRequest, user: User) -> bool:
    return user.may(ENTRY[request.host_kind])


def _let_in(request: HttpRequest, user: User, onward: str, *, by: str) -> HttpResponse:
    signing_in.enter(request, user, by=by)
    response = HttpResponseRedirect(onward)
    response.set_cookie(
        devices.COOKIE, devices.mark_for(user), max_age=devices.KEPT_SECONDS, httponly=True,
        secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip
    return response


def _record_refusal(request: HttpRequest, who: str, code: str, *, vendor_id: str = "") -> None:
    actor = actor_of(request, label=who)
    events.record("user.sign_in_refused", actor=actor, code=code, vendor_id=vendor_id, announce=False)


def _ask(request: HttpRequest, form: SignInForm, onward: str, *, status: int = 200) -> HttpResponse:
    return render(request, "accounts/login.html", {"form": form, "next": onward}, status=status)
