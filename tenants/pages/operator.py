"""The operator's pages about tenants: how each of them stands, what its provisioning lacks, and who waits to be proved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cloudlicenses.kit.refusals import NotFound, Refusal
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import tenant_url
from cloudlicenses.web.pagination import page_of
from cloudlicenses.web.people import actor_of, needs
from tenants import lifecycle, verification
from tenants.forms import TenantFilter
from tenants.models import Registration, Tenant
from tenants.registration import open_registrations

ORDERS = {"-created": ("created_at", "id"), "company": ("company_name", "id"), "plan": ("plan", "id")}


@require_safe
@needs("platform:read")
def tenant_list(request: HttpRequest) -> HttpResponse:
    filters = TenantFilter(request.GET)
    tenants = _tenants(filters.said("about").replace("\0", ""))
    if status := filters.said("status"):
        tenants = tenants.filter(status=status)
    listing = listing_of(tenants, request.GET, ORDERS)
    facts = {
        "rows": [_row(tenant) for tenant in listing.rows],
        "listing": listing,
        "filters": filters,
        "section": "tenants",
    }
    return render(request, "tenants/operator/tenants.html", facts)


@require_safe
@needs("platform:read")
def tenant_page(request: HttpRequest, tenant_id: str) -> HttpResponse:
    facts = _row(_tenant(tenant_id)) | {"url": tenant_url(tenant_id), "section": "tenants"}
    return render(request, "tenants/operator/tenant.html", facts)


@require_POST
@needs("platform:manage")
def retry(request: HttpRequest, tenant_id: str) -> HttpResponse:
    """Go on with provisioning now, without waiting for the next try."""
    tenant = _tenant(tenant_id)
    if lifecycle.retry(tenant.pk, actor=actor_of(request)):
        messages.success(request, _("%(name)s is provisioned.") % {"name": tenant.company_name})
    else:
        messages.error(request, _("It did not come to its end; the step says why. It will be tried again by itself."))
    return HttpResponseRedirect(f"/operator/tenants/{tenant.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def suspend(request: HttpRequest, tenant_id: str) -> HttpResponse:
    tenant = _tenant(tenant_id)
    if request.method == "POST":
        lifecycle.suspend(tenant_id, actor=actor_of(request))
        messages.success(request, _("%(name)s is suspended.") % {"name": tenant.company_name})
        return HttpResponseRedirect(f"/operator/tenants/{tenant_id}")
    question = {
        "title": _("Suspend %(name)s?") % {"name": tenant.company_name},
        "explanation": _(
            "Within seconds its applications get no seats and its APIs refuse."
            " Nothing is lost, and resuming brings everything back."
        ),
        "action": _("Suspend"),
    }
    return render(request, "confirm.html", question | {"back": f"/operator/tenants/{tenant_id}", "section": "tenants"})


@require_POST
@needs("platform:manage")
def resume(request: HttpRequest, tenant_id: str) -> HttpResponse:
    tenant = lifecycle.resume(tenant_id, actor=actor_of(request))
    messages.success(request, _("%(name)s works again.") % {"name": tenant.company_name})
    return HttpResponseRedirect(f"/operator/tenants/{tenant_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def delete(request: HttpRequest, tenant_id: str) -> HttpResponse:
    """Only what is suspended, and only after its id was typed: nothing of it comes back."""
    tenant = _tenant(tenant_id)
    back = f"/operator/tenants/{tenant_id}"
    if tenant.status != Tenant.Status.SUSPENDED:
        messages.error(
            request, _("Suspend %(name)s first: then nobody is at work in it.") % {"name": tenant.company_name}
        )
        return HttpResponseRedirect(back)
    if request.method == "POST" and request.POST.get("typed", "").strip() == tenant_id:
        lifecycle.delete(tenant_id, actor=actor_of(request))
        messages.success(request, _("%(name)s is deleted.") % {"name": tenant.company_name})
        return HttpResponseRedirect("/operator/")
    question = {
        "title": _("Delete %(name)s for good?") % {"name": tenant.company_name},
        "explanation": _(
            "Its schema goes with all licenses, leases, keys, people and audit entries; nobody can bring it back. Bills and the"
            " ledger stay. Export it before, with manage.py tenant export."
        ),
        "facts": [(_("Tenant"), tenant.pk), (_("Domain"), tenant.domain), (_("Customer number"), tenant.crm_id)],
        "must_type": tenant_id,
        "action": _("Delete it"),
        "back": back,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "confirm.html", question | {"section": "tenants"}, status=status)


@require_safe
@needs("platform:read")
def registrations(request: HttpRequest) -> HttpResponse:
    found = page_of(open_registrations(), request.GET, _waiting)
    facts = {"rows": found["data"], "next_cursor": found["next_cursor"], "section": "registrations"}
    return render(request, "tenants/operator/registrations.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("platform:manage")
def vouch(request: HttpRequest, registration_id: int) -> HttpResponse:
    """The operator says that the company is who it claims to be; the audit log says who said so."""
    registration = open_registrations().filter(pk=registration_id).first()
    if registration is None:
        raise NotFound
    if request.method == "POST":
        return _vouched(request, registration)
    question = {
        "title": _("Verify %(name)s by hand?") % {"name": registration.company_name},
        "explanation": _(
            "You vouch that the person who registered may act for this company: the DNS record will not be asked for."
            " The tenant is made at once, and the administrator below is invited to it. Other registrations of these names end."
        ),
        "facts": [
            (_("Tenant"), registration.tenant_id),
            (_("Domain"), registration.domain),
            (_("Administrator"), registration.admin_email),
        ],
        "action": _("I vouch for it"),
        "back": "/operator/registrations",
    }
    return render(request, "confirm.html", question | {"section": "registrations"})


def _vouched(request: HttpRequest, registration: Registration) -> HttpResponse:
    actor = actor_of(request)
    try:
        tenant = verification.confirm(registration.pk, verified_by=f"operator {actor.id}"[:40], actor=actor)
    except Refusal as refusal:
        messages.error(request, _(refusal.detail))
        return HttpResponseRedirect("/operator/registrations")
    messages.success(request, _("%(name)s is verified.") % {"name": tenant.company_name})
    return HttpResponseRedirect(f"/operator/tenants/{tenant.pk}")


def _tenants(about: str) -> QuerySet[Tenant]:
    found = Tenant.objects.prefetch_related("steps")
    if not about:
        return found
    return found.filter(Q(id__icontains=about) | Q(company_name__icontains=about) | Q(domain__icontains=about))


def _tenant(tenant_id: str) -> Tenant:
    tenant = _tenants("").filter(pk=tenant_id).first()
    if tenant is None:
        raise NotFound
    return tenant


def _row(tenant: Tenant) -> dict[str, Any]:
    """`meter` is how much of a bar of 100 is full."""
    steps = list(tenant.steps.all())
    done = sum(step.done_at is not None for step in steps)
    failing = next((step for step in steps if step.done_at is None and step.last_problem), None)
    return {
        "each": tenant,
        "steps": steps,
        "done": done,
        "meter": 100 * done // len(steps) if steps else 100,
        "is_complete": done == len(steps),
        "failing": failing,
    }


def _waiting(registration: Registration) -> dict[str, Any]:
    return {"each": registration, "record": verification.record_name(registration.domain)}
