"""How what was sold is used: who uses what, when in the week, day by day, and where seats run out."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cloudlicenses.kit import clock
from cloudlicenses.web.charts import Chart, Heatmap, Series, day_label
from cloudlicenses.web.forms import FilterForm, LongSelect
from cloudlicenses.web.htmx import render_page
from vendors import insight, queries
from vendors.faces import in_portal
from vendors.models import Vendor

SPANS = [("30", gettext_lazy("30 days")), ("7", gettext_lazy("7 days")), ("90", gettext_lazy("90 days"))]
MOST_SHOWN = 50
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Kolkata",
)


class AnalyticsFilter(FilterForm):
    days = forms.ChoiceField(label=gettext_lazy("Time"), choices=SPANS)
    tenant = forms.ChoiceField(label=gettext_lazy("Customer"), widget=LongSelect)
    product = forms.ChoiceField(label=gettext_lazy("Product"), widget=LongSelect)
    zone = forms.ChoiceField(label=gettext_lazy("Hours in"), choices=[(zone, zone.replace("_", " ")) for zone in ZONES])

    def __init__(self, query: Mapping[str, Any], vendor_id: str) -> None:
        accounts = queries.accounts_of(vendor_id).order_by("customer_name").values_list("tenant_id", "customer_name")
        products = queries.products_of(vendor_id).order_by("name").values_list("id", "name")
        customers = SimpleLazyObject(
            lambda: dict(accounts).items()
        )  # a tenant once; not asked for where nobody chooses
        super().__init__(query, {"tenant": customers, "product": products})

    def view(self, today: date) -> insight.View:
        """30 days, of everybody and everything, in UTC, unless something else is asked for."""
        days = int(self.said("days") or 30)
        return insight.View(
            today - timedelta(days=days - 1),
            today,
            self.said("tenant"),
            self.said("product"),
            self.said("zone") or "UTC",
        )


@require_safe
@in_portal("contracts:read")
def analytics(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    filters = AnalyticsFilter(request.GET, vendor.id)
    view = filters.view(_today(filters))
    used = insight.hours(vendor.id, view)
    days, week = insight.days(used, view), insight.week(used, view)
    facts = {
        "filters": filters, "vendor": vendor, "section": "analytics", "checkouts": _checkouts(days), "peaks": _peaks(days),
        "heatmap": _heatmap(week), "refusals": _refusals(week), "query": request.GET.urlencode(), **_totals(days),
    }  # fmt: skip
    return render(request, "vendors/analytics.html", facts)


@require_safe
@in_portal("contracts:read")
def used_licenses(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """License by license. The page above fetches it once it is drawn: each of the two counts all these hours, in its own way."""
    filters = AnalyticsFilter(request.GET, vendor.id)
    facts = {
        "rows": _rows(vendor.id, filters.view(_today(filters))), "most": MOST_SHOWN, "vendor": vendor, "section": "analytics",
    }  # fmt: skip
    return render_page(request, "vendors/used_licenses.html", "vendors/_used_licenses.html", facts)


def _today(filters: AnalyticsFilter) -> date:
    return clock.now().astimezone(zoneinfo.ZoneInfo(filters.said("zone") or "UTC")).date()


def _totals(days: list[insight.Day]) -> dict[str, Any]:
    taken = sum(day.checkouts for day in days)
    over = sum(day.overage_checkouts for day in days)
    return {
        "taken": taken,
        "overage_rate": round(100 * over / taken) if taken else 0,
        "peak": max((day.peak for day in days), default=0),
        "refused": sum(day.denials for day in days),
    }


def _labels(days: list[insight.Day]) -> list[str]:
    return [day_label(day.day) for day in days]


def _checkouts(days: list[insight.Day]) -> Chart:
    parts = [
        Series(_("commit"), "commit", [day.checkouts - day.overage_checkouts for day in days]),
        Series(_("overage"), "overage", [day.overage_checkouts for day in days]),
        Series(_("refused"), "denied", [day.denials for day in days]),
    ]
    return Chart(_("Checkouts by day"), _labels(days), parts, is_stacked=True)


def _peaks(days: list[insight.Day]) -> Chart:
    return Chart(
        _("Most seats at once, by day"), _labels(days), [Series(_("peak"), "seats", [day.peak for day in days])]
    )


def _heatmap(week: list[insight.Cell]) -> Heatmap:
    values = {(cell.weekday, cell.hour): cell.mean for cell in week}
    return Heatmap(
        _("Seats in use by hour of the week, on average"), values, [str(WEEKDAYS_ABBR[day]) for day in range(7)]
    )


def _refusals(week: list[insight.Cell]) -> Heatmap:
    values = {(cell.weekday, cell.hour): cell.denials for cell in week}
    return Heatmap(_("Refusals by hour of the week"), values, [str(WEEKDAYS_ABBR[day]) for day in range(7)])


def _rows(vendor_id: str, view: insight.View) -> list[dict[str, Any]]:
    """Licenses by how hard they are used: refusals for want of seats first, then overage, then checkouts."""
    used = insight.by_license(vendor_id, view, most=MOST_SHOWN)
    licenses = queries.licenses_of(vendor_id).in_bulk(list(used))
    return [{"license": licenses[key], "used": each} for key, each in used.items() if key in licenses]
