"""A company signs up: the form, then the DNS record to set and how far the tenant is, until its address works.

For strangers. Whoever has the status page's address, with its token, may see the status, and nothing else by it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web import throttling
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.htmx import render_page
from cloudlicenses.web.pages import tenant_url
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from tenants import verification
from tenants.forms import SignUpForm
from tenants.models import Registration
from tenants.progress import PROOF, progress_of
from tenants.refusals import VerificationPending
from tenants.registration import register

LOOKS = "120/m"
ENDED = {Registration.Status.EXPIRED, Registration.Status.CLOSED}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def sign_up(request: HttpRequest) -> HttpResponse:
    """For strangers: who registers isn't anybody yet. Counted by network address."""
    form = SignUpForm(request.POST or None, plan=request.GET.get("plan", ""))
    status = 200
    if request.method == "POST":
        rate = f"{settings.REGISTRATIONS_PER_HOUR}/h"
        throttling.refuse_exhausted(request, "register", rate)
        status = 422
        if form.is_valid():
            try:
                registration = register(form.application(), actor=actor_of(request))
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
            else:
                throttling.count(request, "register", rate)
                return _to_status(registration)
    return render(request, "tenants/signup.html", {"form": form, "section": "signup"}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_anyone
def sign_up_status(request: HttpRequest, tenant_id: str) -> HttpResponse:
    """POST looks for the record now; GET shows how far it is, and htmx asks for that again and again."""
    token = request.GET.get("token", "")
    progress_of(tenant_id, token)  # no word about whether there is such a registration
    if request.method == "POST":
        throttling.refuse_too_many(request, "verify", LOOKS)
        _look_now(request, tenant_id, token)
        return _to_status(verification.registration_with(tenant_id, token))
    progress = progress_of(tenant_id, token)
    registration = verification.registration_with(tenant_id, token)
    facts = {
        "registration": registration,
        "progress": progress,
        "proof": PROOF,
        "record_name": verification.record_name(registration.domain),
        "record_value": verification.record_value(registration.token),
        "is_ready": progress.done == len(progress.steps),
        "is_over": registration.status in ENDED,
        "tenant_url": tenant_url(registration.tenant_id),
        "section": "signup",
    }
    return render_page(request, "tenants/signup_status.html", "tenants/_signup_progress.html", facts)


def _look_now(request: HttpRequest, tenant_id: str, token: str) -> None:
    """What was found is kept with the registration, so the page has it to show."""
    try:
        verification.verify(tenant_id, token, actor=actor_of(request))
    except VerificationPending:
        return


def _to_status(registration: Registration) -> HttpResponse:
    return HttpResponseRedirect(f"/signup/{registration.tenant_id}?{urlencode({'token': registration.token})}")
