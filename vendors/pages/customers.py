"""Customers: found by CRM account, tenant or name; linked; and one customer with what it has and how it uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cloudlicenses.kit import clock
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.web.charts import Chart, Series, day_label
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.pages import tenant_url
from cloudlicenses.web.people import actor_of
from cloudlicenses.web.problems import STATUS
from tenants.models import Tenant
from vendors import customers, insight, queries
from vendors.faces import asked, in_portal
from vendors.forms.customers import CustomerFilter, LinkForm, TenantQuery
from vendors.in_use import with_seats
from vendors.models import CrmAccount, IssuedLicense, Vendor

ORDERS = {"name": ("customer_name", "id"), "-created": ("created_at", "id"), "licenses": ("license_count", "id")}
DAYS_SHOWN = 30
MOST_LICENSES = 100


@require_safe
@in_portal("contracts:read")
def customer_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    filters = CustomerFilter(request.GET)
    listing = listing_of(_found(vendor.id, filters), request.GET, ORDERS)
    rows = list(zip(listing.rows, customers.facts_of(listing.rows), strict=True))
    facts = {
        "rows": rows, "listing": listing, "filters": filters, "vendor": vendor, "section": "customers",
        "discovery": _discovered(request, vendor), "follows_kinds": "customer license",
    }  # fmt: skip
    return render(request, "vendors/customers/list.html", facts)


@require_safe
@in_portal("contracts:read")
def customer_page(request: HttpRequest, vendor: Vendor, account_id: int) -> HttpResponse:
    account = queries.account_for(vendor.id, account_id)
    licenses = list(
        queries.licenses_of(vendor.id).filter(account=account).order_by("-created_at", "id")[:MOST_LICENSES]
    )
    today = clock.today()
    view = insight.View(today - timedelta(days=DAYS_SHOWN - 1), today, tenant_id=account.tenant_id)
    rows = with_seats(vendor.id, licenses)
    facts = {
        "account": account, "customer": customers.facts_of([account])[0], "vendor": vendor,
        "rows": rows, "in_use": sum(row.in_use for row in rows),
        "used": _summed(insight.by_license(vendor.id, view)), "history": _history(vendor.id, view),
        "tenant_url": tenant_url(account.tenant_id), "most": MOST_LICENSES, "section": "customers",
    }  # fmt: skip
    return render(request, "vendors/customers/customer.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_portal("contracts:manage")
def link(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """GET may name an account (`?account=`) or a tenant (`?tenant=`) to begin with."""
    form, status = LinkForm(request.POST or None, initial=_beginning(request, vendor)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = customers.link(actor_of(request), vendor.id, form.customer())
                messages.success(request, _("%(name)s is linked.") % {"name": account.customer_name})
                return HttpResponseRedirect(f"/customers/{account.pk}")
            except Refusal as refusal:
                form.blame(refusal)
                status = STATUS[refusal.kind]
    return render(
        request, "vendors/customers/link.html", {"form": form, "vendor": vendor, "section": "customers"}, status=status
    )


def _found(vendor_id: str, filters: CustomerFilter) -> QuerySet[CrmAccount]:
    living = Tenant.objects.filter(id=OuterRef("tenant_id")).exclude(status=Tenant.Status.DELETED)
    sold = Count("licenses", filter=~Q(licenses__status=IssuedLicense.Status.REVOKED))
    found = queries.accounts_of(vendor_id).annotate(license_count=sold)
    if words := filters.said("q"):
        found = found.filter(
            Q(customer_name__icontains=words) | Q(crm_account_id__icontains=words) | Q(tenant_id__icontains=words)
        )
    if standing := filters.said("standing"):
        found = found.filter(Exists(living) if standing == "linked" else ~Exists(living))
    return found


def _discovered(request: HttpRequest, vendor: Vendor) -> dict[str, Any]:
    """Somebody who is no customer yet: by the tenant's id alone, which is public."""
    form = TenantQuery(request.GET)
    tenant_id = form.said("tenant_id").strip().lower()
    found = customers.find(vendor.id, tenant_id=tenant_id) if tenant_id else None
    return {"form": form, "asked": tenant_id, "found": found}


def _beginning(request: HttpRequest, vendor: Vendor) -> dict[str, Any]:
    tenant_id, account_id = asked(request, "tenant", 40), asked(request, "account")
    account = queries.accounts_of(vendor.id).filter(crm_account_id=account_id).first() if account_id else None
    if account is not None:
        return {
            "name": account.customer_name, "crm_account_id": account.crm_account_id,
            "tenant_id": account.tenant_id, "contact_email": account.contact_email,
        }  # fmt: skip
    found = customers.find(vendor.id, tenant_id=tenant_id) if tenant_id else None
    return {"tenant_id": tenant_id, "name": found.company_name if found else ""}


def _summed(used: dict[str, insight.LicenseUse]) -> dict[str, int]:
    every = used.values()
    return {
        "checkouts": sum(one.checkouts for one in every),
        "overage": sum(one.overage_checkouts for one in every),
        "denials": sum(one.denials for one in every),
        "seat_denials": sum(one.seat_denials for one in every),
    }


def _history(vendor_id: str, view: insight.View) -> Chart:
    days = insight.days(insight.hours(vendor_id, view), view)
    return Chart(
        _("Checkouts by day"),
        [day_label(day.day) for day in days],
        [
            Series(_("commit"), "commit", [day.checkouts - day.overage_checkouts for day in days]),
            Series(_("overage"), "overage", [day.overage_checkouts for day in days]),
            Series(_("refused"), "denied", [day.denials for day in days]),
        ],
        is_stacked=True,
    )
