"""Who else works here: a tenant's "Users" and a vendor's "Team". The same pages; accounts/urls.py names the rights of each host.

What an owner does to others asks first what follows from it, and, where it is dangerous, for a proof that it is still the owner.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import invitations, people, queries, second_factors
from accounts.faces import visitor
from accounts.forms import InviteForm, PeopleFilter, PolicyForm, RoleForm
from accounts.models import Role
from accounts.refusals import SecondFactorForEverybody
from accounts.roles import TENANT, VENDOR
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS

ORDERS = {"email": ("email",), "role": ("role", "email")}


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    place = visitor(request).vendor_id
    filters = PeopleFilter(request.GET)
    found = queries.people(place, search=filters.said("q"))
    facts = {
        "filters": filters,
        "listing": listing_of(found, request.GET, ORDERS),
        "for_everybody": second_factors.is_for_everybody(),
        "required": [label for role, label in _roles(place) if role in second_factors.required_of(place)],
        "section": "team",
    }
    return render(request, "accounts/team.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    place = visitor(request).vendor_id
    form, status = InviteForm(request.POST or None, roles=_roles(place)), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                invitations.invite(**form.cleaned_data, vendor_id=place, actor=actor_of(request))
                messages.success(request, _("An invitation is on its way to %(email)s.") % form.cleaned_data)
                return _back()
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    return render(request, "accounts/invite.html", {"form": form, "section": "team"}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, user_id: str) -> HttpResponse:
    """One person: their role, and what else can be done."""
    place = visitor(request).vendor_id
    user = queries.person(user_id, vendor_id=place)
    form, status = RoleForm(request.POST or None, initial={"role": user.role}, roles=_roles(place)), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                role = form.cleaned_data["role"]
                people.change_role(user_id, role, vendor_id=place, actor=actor_of(request))
                messages.success(
                    request, _("%(email)s: %(role)s from now on.") % {"email": user.email, "role": Role(role).label}
                )
                return _back()
        except Refusal as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    facts = {
        "form": form,
        "person": user,
        "is_oneself": user.pk == request.user.pk,
        "for_everybody": second_factors.is_for_everybody(),
        "section": "team",
    }
    return render(request, "accounts/member.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: HttpRequest, user_id: str) -> HttpResponse:
    place = visitor(request).vendor_id
    user = queries.person(user_id, vendor_id=place)
    if request.method == "POST":
        people.deactivate(user_id, vendor_id=place, actor=actor_of(request))
        messages.success(request, _("%(email)s is deactivated.") % {"email": user.email})
        return _back()
    explanation = _(
        "They are signed out everywhere at once, and their personal tokens are revoked. What they did stays in the audit log."
        " You can let them in again later."
    )
    return _question(request, _("Deactivate %(email)s?") % {"email": user.email}, explanation, _("Deactivate"))


@require_POST
def reactivate(request: HttpRequest, user_id: str) -> HttpResponse:
    user = people.reactivate(user_id, vendor_id=visitor(request).vendor_id, actor=actor_of(request))
    messages.success(request, _("%(email)s may sign in again.") % {"email": user.email})
    return _back()


@require_POST
def invite_again(request: HttpRequest, user_id: str) -> HttpResponse:
    place = visitor(request).vendor_id
    user = queries.person(user_id, vendor_id=place)
    invitations.invite(email=user.email, role=user.role, vendor_id=place, actor=actor_of(request))
    messages.success(
        request, _("A new invitation is on its way to %(email)s; the former one ends.") % {"email": user.email}
    )
    return _back()


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, user_id: str) -> HttpResponse:
    place = visitor(request).vendor_id
    user = queries.person(user_id, vendor_id=place)
    if request.method == "POST":
        people.withdraw_invitation(user_id, vendor_id=place, actor=actor_of(request))
        messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": user.email})
        return _back()
    explanation = _("The link in their mail leads nowhere from now on. You can invite them again at any time.")
    return _question(
        request, _("Withdraw the invitation of %(email)s?") % {"email": user.email}, explanation, _("Withdraw")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def forget_second_factors(request: HttpRequest, user_id: str) -> HttpResponse:
    place = visitor(request).vendor_id
    user = queries.person(user_id, vendor_id=place)
    if request.method == "POST":
        people.forget_second_factors(user_id, vendor_id=place, actor=actor_of(request))
        messages.success(
            request,
            _("%(email)s signs in with the password alone, until a new factor is added.") % {"email": user.email},
        )
        return _back()
    explanation = _(
        "Do this only when you have spoken to them and know that it is they who ask. App, passkeys and recovery codes are removed,"
        " they are signed out everywhere, and whoever knows their password gets in until they add a new factor."
    )
    return _question(
        request, _("Remove the second factors of %(email)s?") % {"email": user.email}, explanation, _("Remove them")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Which roles need a second factor."""
    place = visitor(request).vendor_id
    sent = request.POST if request.method == "POST" else None  # also when no role is checked
    form = PolicyForm(sent, initial={"roles": second_factors.required_of(place)}, roles=_roles(place))
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                second_factors.require_of(form.cleaned_data["roles"], vendor_id=place, actor=actor_of(request))
                messages.success(
                    request,
                    _("Saved. Whoever needs a second factor and has none is asked to add one before anything else."),
                )
                return _back()
        except SecondFactorForEverybody as refusal:
            form.blame(refusal)
            status = STATUS[refusal.kind]
    facts = {"form": form, "for_everybody": second_factors.is_for_everybody(), "section": "team"}
    return render(request, "accounts/policy.html", facts, status=status)


def _roles(vendor_id: str) -> list[tuple[str, Any]]:
    return [(role, Role(role).label) for role in (VENDOR if vendor_id else TENANT)]


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("team"))


def _question(request: HttpRequest, title: str, explanation: str, action: str) -> HttpResponse:
    facts = {"title": title, "explanation": explanation, "action": action, "back": reverse("team"), "section": "team"}
    return render(request, "confirm.html", facts)
