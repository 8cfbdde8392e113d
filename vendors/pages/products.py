"""The catalogue: what the vendor sells, as applications ask for it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from vendors import catalog, queries, terms
from vendors.faces import in_portal
from vendors.forms.customers import ProductForm
from vendors.models import IssuedLicense, Vendor

ORDERS = {"name": ("name", "id"), "-created": ("created_at", "id"), "licenses": ("license_count", "id")}


@require_safe
@in_portal("contracts:read")
def product_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    sold = Count("licenses", filter=~Q(licenses__status=IssuedLicense.Status.REVOKED))
    listing = listing_of(queries.products_of(vendor.id).annotate(license_count=sold), request.GET, ORDERS)
    return render(request, "vendors/products/list.html", {"listing": listing, "vendor": vendor, "section": "products"})


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def add(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    form, status = ProductForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                product = catalog.add(actor_of(request), vendor.id, terms.Ware(**form.cleaned_data))
                messages.success(request, _("%(name)s is in the catalogue.") % {"name": product.name})
                return HttpResponseRedirect("/products")
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    facts = {"form": form, "vendor": vendor, "section": "products"}
    return render(request, "vendors/products/form.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def change(request: HttpRequest, vendor: Vendor, product_id: str) -> HttpResponse:
    product = queries.product_for(vendor.id, product_id)
    as_it_is = {
        "name": product.name, "version": product.version_constraint, "features": "\n".join(product.features),
    }  # fmt: skip
    form, status = ProductForm(request.POST or None, initial=as_it_is, is_new=False), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                catalog.change(actor_of(request), vendor.id, product_id, form.cleaned_data)
                messages.success(request, _("%(name)s is changed.") % {"name": product.name})
                return HttpResponseRedirect("/products")
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    facts = {"form": form, "product": product, "vendor": vendor, "section": "products"}
    return render(request, "vendors/products/form.html", facts, status=status)
