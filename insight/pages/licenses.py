"""All licenses of all vendors, and each with who holds its seats, how it was used, what was refused and what limits it."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cloudlicenses.kit import clock
from cloudlicenses.web.charts import Chart, Series, day_label
from cloudlicenses.web.forms import FilterForm, SearchInput
from cloudlicenses.web.htmx import render_page, wants_fragment
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import needs
from cloudlicenses.web.states import state_of
from cloudlicenses.web.zones import zone_of
from insight import hours
from licensing import queries
from licensing.models import License
from licensing.standing import standing_of

ORDERS = {
    "product": ("product_name", "id"),
    "-in_use": ("held", "id"),
    "-overage": ("held_overage", "id"),
    "ends": ("ends_at", "id"),
}
STATES = ("active", "suspended", "not_started", "expired", "revoked")
LEASE_ORDERS = {"-since": ("issued_at", "id"), "user": ("user", "id"), "host": ("hostname", "id")}
DAYS_SHOWN = 30
MOST_DENIALS = 8
MOST_SEATS = 1000  # on one page, for those who ask for it


class LicenseFilter(FilterForm):
    q = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=100,
        widget=SearchInput(attrs={"placeholder": gettext_lazy("product, vendor or id")}),
    )
    vendor = forms.ChoiceField(label=gettext_lazy("Vendor"))
    state = forms.ChoiceField(label=gettext_lazy("State"))


@require_safe
@needs("licenses:read")
def license_list(request: HttpRequest) -> HttpResponse:
    vendors = License.objects.order_by("vendor_name").values_list("vendor_id", "vendor_name").distinct()
    filters = LicenseFilter(
        request.GET, {"vendor": vendors, "state": [(state, state_of(state).word) for state in STATES]}
    )
    found = queries.licenses().defer("package")
    if text := filters.said("q"):
        found = queries.about(found, text)
    if vendor := filters.said("vendor"):
        found = found.filter(vendor_id=vendor)
    if state := filters.said("state"):
        found = queries.in_state(found, state)
    listing = listing_of(found, request.GET, ORDERS)
    facts = {
        "filters": filters,
        "listing": listing,
        "standings": [standing_of(license_) for license_ in listing.rows],
        "section": "licenses",
    }
    return render_page(request, "insight/licenses.html", "insight/_licenses.html", facts)


@require_safe
@needs("licenses:read")
def license_page(request: HttpRequest, license_id: str) -> HttpResponse:
    """htmx asks again for the seats alone."""
    found = queries.license_for(license_id)
    holders = queries.leases(active=True).filter(license=found)
    denials = queries.denials().filter(license_id=license_id)
    facts: dict[str, Any] = {
        "card": standing_of(found),
        "listing": listing_of(holders, request.GET, LEASE_ORDERS, most=MOST_SEATS),
        "most_seats": MOST_SEATS,
        "denials": denials.order_by("-at", "-id")[:MOST_DENIALS],
        "section": "licenses",
    }
    if not wants_fragment(request):
        zone = zone_of(request)
        first = _first_day(zone)
        used = hours.hours_of(request.tenant.id, first, clock.now() + timedelta(hours=1), license_ids=[license_id])
        facts |= {"history": _history(found, used, first, zone), "refused": sum(hour.denials for hour in used)}
    return render_page(request, "insight/license.html", "insight/_seats_in_use.html", facts)


def _first_day(zone: tzinfo) -> datetime:
    """The first instant that the chart shows, a midnight of the reader's."""
    today = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS_SHOWN - 1)


def _history(license_: License, used: list[hours.Hour], first: datetime, zone: tzinfo) -> Chart:
    days = [(first + timedelta(days=number)).date() for number in range(DAYS_SHOWN)]
    peaks = hours.peaks_by_day(used, days, zone)
    series = [
        Series(_("commit"), "commit", [peak - overage for peak, overage in peaks]),
        Series(_("overage"), "overage", [overage for _peak, overage in peaks]),
    ]
    labels = [day_label(day) for day in days]
    return Chart(_("Most seats in use, day by day"), labels, series, True, (_("sold"), license_.total_licenses))
