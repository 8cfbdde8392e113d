"""Settings: what the vendor says of itself, how it likes things done, and how it looks to its customers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.access import for_anyone
from cloudlicenses.web.forms import PageForm
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from vendors import branding, logos, profile
from vendors.faces import in_portal
from vendors.forms.settings import BrandForm, ProfileForm
from vendors.models import Vendor

A_YEAR = "public, max-age=31536000, immutable"


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("portal:manage")
def settings(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    names = ("name", "email", "support_email", "auto_provisioning")
    form = ProfileForm(request.POST or None, initial={name: getattr(vendor, name) for name in names})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                profile.change(actor_of(request), vendor.id, form.cleaned_data)
                return _saved(request, "/settings")
            except Refusal as refusal:
                status = _blamed(form, refusal)
    return _page(request, vendor, "vendors/settings/profile.html", {"form": form}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("portal:manage")
def brand(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Colour and logo are saved together, or neither."""
    form = BrandForm(
        request.POST or None, request.FILES or None, initial={"brand_color": branding.brand_of(vendor).color}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _keep_look(request, vendor, form)
                return _saved(request, "/settings/brand")
            except Refusal as refusal:
                status = _blamed(form, refusal)
    return _page(
        request, vendor, "vendors/settings/brand.html", {"form": form, "brand": branding.brand_of(vendor)}, status
    )


@require_POST
@in_portal("portal:manage")
def remove_logo(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    logos.remove(actor_of(request), vendor.id)
    messages.success(request, _("The logo is gone."))
    return HttpResponseRedirect("/settings/brand")


@require_POST
@in_portal("contracts:manage")
def provisioning(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """The switch on the customers' page."""
    profile.change(actor_of(request), vendor.id, {"auto_provisioning": request.POST.get("auto_provisioning") == "on"})
    return _saved(request, "/customers")


@require_safe
@for_anyone
def logo(request: HttpRequest, vendor_id: str, digest: str) -> HttpResponse:
    """For strangers too: a vendor's logo is in its mails and on its customers' pages."""
    png = logos.find(vendor_id, digest)
    if png is None:
        raise Http404
    headers = {
        "Cache-Control": A_YEAR,
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(png, content_type="image/png", headers=headers)


@transaction.atomic
def _keep_look(request: HttpRequest, vendor: Vendor, form: BrandForm) -> None:
    actor, uploaded = actor_of(request), form.cleaned_data["logo"]
    profile.change(actor, vendor.id, {"brand_color": form.cleaned_data["brand_color"].lower()})
    if uploaded is not None:
        logos.replace(actor, vendor.id, uploaded.read(logos.LARGEST_FILE + 1))


def _page(request: HttpRequest, vendor: Vendor, template: str, facts: dict[str, Any], status: int) -> HttpResponse:
    here = request.path
    tabs = [(_("Company"), "/settings", here == "/settings"), (_("Branding"), "/settings/brand", here != "/settings")]
    return render(request, template, {"tabs": tabs, "vendor": vendor, "section": "settings", **facts}, status=status)


def _blamed(form: PageForm, refusal: Refusal) -> int:
    form.blame(refusal)
    return STATUS[refusal.kind]


def _saved(request: HttpRequest, back: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(back)
