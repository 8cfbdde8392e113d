"""The vendor portal's first page: who we are, what we sold to whom, and what we sell.

The session is the platform's; everything about the vendor is read under the vendors' role, so row-level security decides what is
there to be seen.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.faces import visitor
from cloudlicenses.web.pagination import page_of
from cloudlicenses.web.people import needs
from tenants.context import acting_for
from vendors import customers, queries

MOST_SHOWN = 50


def _welcome(request: HttpRequest) -> HttpResponse:
    """Strangers read how one gets in."""
    return render(request, "vendors/welcome.html")


@require_safe
@needs("portal:read", strangers_see=_welcome)
def home(request: HttpRequest) -> HttpResponse:
    vendor_id = visitor(request).vendor_id
    with acting_for(vendor_id):
        sold = page_of(queries.licenses_of(vendor_id), request.GET, lambda license_: license_)
        accounts = list(queries.accounts_of(vendor_id).order_by("customer_name", "crm_account_id")[:MOST_SHOWN])
        facts = {
            "vendor": queries.vendor_for(vendor_id),
            "licenses": sold["data"],
            "next_cursor": sold["next_cursor"],
            "license_count": queries.licenses_of(vendor_id).count(),
            "customers": customers.facts_of(accounts),
            "customer_count": queries.accounts_of(vendor_id).count(),
            "products": list(queries.products_of(vendor_id).order_by("name", "id")[:MOST_SHOWN]),
            "section": "home",
        }
    return render(request, "vendors/home.html", facts)
