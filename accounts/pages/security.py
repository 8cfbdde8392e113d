"""One's own second factors: the authenticator app, passkeys, recovery codes. And proving once more that it is still oneself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import passkeys, recovery, sessions, signing_in, totp
from accounts.browsers import name_of
from accounts.faces import visitor
from accounts.forms import AppCodeForm, ConfirmForm, NameForm
from accounts.models import AccessPolicy, Session, Totp, User
from accounts.pages.answers import answer_of_browser, keep_question, kept_question, place_of
from accounts.pages.entering import HOME
from accounts.pages.tabs import account_tabs
from accounts.refusals import WrongPassword
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import tries
from cloudlicenses.web.people import actor_of, needs, safe_next
from cloudlicenses.web.problems import STATUS


@require_safe
@needs("account:manage", while_enrolling=True)
def security(request: HttpRequest) -> HttpResponse:
    return _overview(request, NameForm())


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True, confirmed=True)
def add_app(request: HttpRequest) -> HttpResponse:
    """The QR code and its secret, until a code from the app has confirmed it."""
    user = visitor(request)
    form, status = AppCodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            tries.take(request, f"user {user.pk}", group="code")
            if form.is_valid():
                codes = totp.confirm(user, form.cleaned_data["code"], actor=actor_of(request))
                tries.give_back(request, f"user {user.pk}", group="code")
                return _done(request, codes, _("From now on you sign in with a code from your app."))
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    begun = totp.begin(user)
    if begun.confirmed_at:
        return HttpResponseRedirect(reverse("security"))
    address = totp.address_of(begun, issuer=_issuer(request))
    facts = {
        "form": form,
        "secret": totp.secret_of(begun),
        "picture": SafeString(totp.picture_of(address)),
        "section": "account",
    }
    return render(request, "accounts/add_app.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True, confirmed=True)
def remove_app(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        totp.remove(visitor(request), actor=actor_of(request))
        messages.success(request, _("The authenticator app is removed."))
        return HttpResponseRedirect(reverse("security"))
    explanation = _("Its codes let nobody in any more. If it is your only second factor, your password alone will do.")
    if AccessPolicy.asks_second_factor_of(visitor(request)):
        explanation = _(
            "Its codes let nobody in any more. Your role needs a second factor: if it is your only one, add another first."
        )
    return _question(request, _("Remove the authenticator app?"), explanation, _("Remove"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True, confirmed=True)
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    user = visitor(request)
    if user.second_factor_since is None:
        return HttpResponseRedirect(reverse("security"))
    if request.method == "POST":
        return _shown(request, recovery.renew(user, actor=actor_of(request)))
    explanation = _("You get ten new codes, shown once. The ones you have now stop working.")
    return _question(request, _("Make new recovery codes?"), explanation, _("Make new codes"))


@require_POST
@needs("account:manage", while_enrolling=True, confirmed=True)
def ask_new_passkey(request: HttpRequest) -> HttpResponse:
    options, state = passkeys.begin_making(visitor(request), place_of(request))
    keep_question(request, state)
    return JsonResponse(options)


@require_POST
@needs("account:manage", while_enrolling=True, confirmed=True)
def add_passkey(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return _overview(request, form, status=422)
    try:
        _made, codes = passkeys.make(
            visitor(request), place_of(request), kept_question(request), answer_of_browser(request),
            name=form.cleaned_data["name"], actor=actor_of(request),
        )  # fmt: skip
    except Refusal as refusal:
        form.blame(refusal)
        return _overview(request, form, status=STATUS[refusal.kind])
    return _done(request, codes, _("Your passkey is added."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True, confirmed=True)
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    passkeys.passkey_of(visitor(request), passkey_id)
    if request.method == "POST":
        passkeys.remove(visitor(request), passkey_id, actor=actor_of(request))
        messages.success(request, _("The passkey is removed."))
        return HttpResponseRedirect(reverse("security"))
    explanation = _("It lets nobody in here any more. Your device may still list it: take it away there too.")
    return _question(request, _("Remove this passkey?"), explanation, _("Remove"))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@needs("account:manage", while_enrolling=True)
def confirm(request: HttpRequest) -> HttpResponse:
    """Before something dangerous: the password once more, or a passkey."""
    user, onward = visitor(request), safe_next(request, HOME[request.host_kind])
    form, status = ConfirmForm(), 200
    if request.method == "POST":
        form = ConfirmForm({"password": request.POST.get("password", "-")})
        try:
            tries.take(request, f"user {user.pk}", group="confirm")
            _prove(request, user, form)
        except Refusal as refusal:
            signing_in.record_unproved(request, user, refusal)
            form.blame(refusal)
            status = STATUS[refusal.kind]
        else:
            tries.give_back(request, f"user {user.pk}", group="confirm")
            signing_in.confirm(request)
            return HttpResponseRedirect(onward)
    facts = {"form": form, "next": onward, "has_passkeys": user.passkeys.filter(rp_id=place_of(request).host).exists()}
    return render(request, "accounts/confirm.html", facts, status=status)


@require_POST
@needs("account:manage", while_enrolling=True)
def ask_own_passkey(request: HttpRequest) -> HttpResponse:
    options, state = passkeys.begin_asking(place_of(request), visitor(request))
    keep_question(request, state)
    return JsonResponse(options)


@sensitive_variables()
def _prove(request: HttpRequest, user: User, form: ConfirmForm) -> None:
    if request.POST.get("answer"):
        passkeys.recognise(place_of(request), kept_question(request), answer_of_browser(request), user)
    elif not form.is_valid() or not user.check_password(form.cleaned_data["password"]):
        raise WrongPassword


def _overview(request: HttpRequest, form: NameForm, *, status: int = 200) -> HttpResponse:
    user = visitor(request)
    facts = {
        "form": form,
        "app": Totp.objects.filter(user=user, confirmed_at__isnull=False).first(),
        "passkeys": list(user.passkeys.order_by("created_at")),
        "codes_left": recovery.left(user),
        "sessions": [_shown_session(session, request) for session in sessions.sessions_of(user)],
        "must_enrol": request.is_enrolling,
        "tabs": account_tabs(request, "security"),
        "section": "account",
    }
    return render(request, "accounts/security.html", facts, status=status)


def _shown_session(session: Session, request: HttpRequest) -> dict[str, Any]:
    return {
        "id": sessions.public_id_of(session),
        "browser": name_of(session.user_agent),
        "ip": session.ip,
        "started_at": session.started_at,
        "seen_at": session.seen_at,
        "is_this": session.session_key == sessions.kept_as(request.session.session_key or ""),
    }


def _done(request: HttpRequest, codes: list[str], message: str) -> HttpResponse:
    """With the first factor come recovery codes; whoever had to add it came here on the way to their work."""
    messages.success(request, message)
    if not codes:
        return HttpResponseRedirect(reverse("security"))
    had_to = AccessPolicy.asks_second_factor_of(visitor(request))
    return _shown(request, codes, onward=HOME[request.host_kind] if had_to else "")


def _shown(request: HttpRequest, codes: list[str], onward: str = "") -> HttpResponse:
    facts = {"codes": "\n".join(codes), "onward": onward or reverse("security"), "section": "account"}
    return render(request, "accounts/recovery_codes.html", facts, status=201)


def _question(request: HttpRequest, title: str, explanation: str, action: str) -> HttpResponse:
    facts = {
        "title": title,
        "explanation": explanation,
        "action": action,
        "back": reverse("security"),
        "section": "account",
    }
    return render(request, "confirm.html", facts)


def _issuer(request: HttpRequest) -> str:
    return f"CloudLicenses {request.tenant.company_name}" if request.tenant else "CloudLicenses"
