"""Licenses sold: the list, and one license with its terms, its price and how it is used."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.web.charts import Chart, Series, day_label
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import tenant_url
from vendors import customer_side, insight, queries
from vendors.faces import in_portal
from vendors.forms.licenses import LicenseFilter
from vendors.in_use import with_seats
from vendors.models import IssuedLicense, Vendor
from vendors.packages import package_url
from vendors.quotes import quote_of

ORDERS = {
    "-created": ("created_at", "id"), "customer": ("customer_name", "id"), "product": ("product_name", "id"),
    "end": ("end_date", "id"), "quantity": ("total_licenses", "id"),
}  # fmt: skip
DAYS_SHOWN = 30
MOST_ACTS = 10


@require_safe
@in_portal("contracts:read")
def license_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    products = list(queries.products_of(vendor.id).order_by("name", "id"))
    filters = LicenseFilter(request.GET, products)
    listing = listing_of(_found(vendor.id, filters), request.GET, ORDERS)
    facts = {
        "rows": with_seats(vendor.id, listing.rows),
        "listing": listing,
        "filters": filters,
        "vendor": vendor,
        "section": "licenses",
    }
    return render(request, "vendors/licenses/list.html", facts)


@require_safe
@in_portal("contracts:read")
def license_page(request: HttpRequest, vendor: Vendor, license_id: str) -> HttpResponse:
    license = queries.license_for(vendor.id, license_id)
    today = clock.today()
    view = insight.View(today - timedelta(days=DAYS_SHOWN - 1), today)
    used = insight.by_license(vendor.id, view, only=license.id).get(license.id, insight.LicenseUse())
    seats = customer_side.seats_in_use(license)
    facts = {
        "license": license, "vendor": vendor, "seats": seats, "used": used, "quote": quote_of(license),
        "free": max(0, license.total_licenses - seats.all), "history": _history(vendor.id, license, view),
        "package_url": package_url(license.id), "tenant_url": tenant_url(license.tenant_id),
        "acts": _acts(license), "is_over": license.status == IssuedLicense.Status.REVOKED, "section": "licenses",
    }  # fmt: skip
    return render(request, "vendors/licenses/license.html", facts)


def _found(vendor_id: str, filters: LicenseFilter) -> QuerySet[IssuedLicense]:
    found = queries.licenses_of(vendor_id).annotate(
        customer_name=F("account__customer_name"), product_name=F("product__name")
    )
    if words := filters.said("q"):
        found = found.filter(
            Q(id__icontains=words)
            | Q(account__customer_name__icontains=words)
            | Q(account__crm_account_id__icontains=words)
            | Q(tenant_id__icontains=words)
            | Q(crm_opportunity_id__icontains=words)
        )
    wanted = {"status": filters.said("status"), "product_id": filters.said("product")}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def _history(vendor_id: str, license: IssuedLicense, view: insight.View) -> Chart:
    peaks = insight.peaks_of(vendor_id, license.id, view)
    return Chart(
        _("Most seats at once, by day"),
        [day_label(day) for day in view.days],
        [Series(_("peak"), "seats", peaks)],
        limit=(_("sold"), license.total_licenses),
    )


def _acts(license: IssuedLicense) -> list[AuditEntry]:
    """What the vendor's people and systems did with it, newest first."""
    found = AuditEntry.objects.filter(subject_kind="license", subject_id=license.id, vendor_id=license.vendor_id)
    return list(found.order_by("-id")[:MOST_ACTS])
