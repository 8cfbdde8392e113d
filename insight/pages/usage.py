"""Peaks, the hours of the week, refusals and people: what a customer decides on how many seats to buy."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cloudlicenses.web.charts import Chart, Heatmap, Series, day_label
from cloudlicenses.web.forms import FilterForm, LongSelect
from cloudlicenses.web.people import needs
from cloudlicenses.web.zones import zone_of
from insight import usage
from licensing.models import License

RANGES = {"7": gettext_lazy("7 days"), "30": gettext_lazy("30 days"), "90": gettext_lazy("90 days")}
USUAL = "30"


class UsageFilter(FilterForm):
    days = forms.ChoiceField(widget=forms.HiddenInput, choices=list(RANGES.items()))
    product = forms.ChoiceField(label=gettext_lazy("Product"), widget=LongSelect)

    @property
    def is_narrowing(self) -> bool:
        return bool(self.said("product"))


@require_safe
@needs("licenses:read")
def usage_page(request: HttpRequest) -> HttpResponse:
    products = License.objects.order_by("product_name").values_list("product_id", "product_name").distinct()
    filters = UsageFilter(request.GET, {"product": products})
    days, product_id = filters.said("days") or USUAL, filters.said("product")
    zone = zone_of(request)
    found = usage.usage_of(request.tenant.id, int(days), zone, product_id=product_id)
    tail = f"&product={product_id}" if product_id else ""
    facts = {
        "filters": filters,
        "usage": found,
        "days": days,
        "zone": str(zone),
        "tabs": [(label, f"?days={each}{tail}", each == days) for each, label in RANGES.items()],
        "history": _history(found),
        "week": Heatmap(_("Seats in use by hour of the week, on average"), found.week, list(WEEKDAYS_ABBR.values())),
        "section": "usage",
    }
    return render(request, "insight/usage.html", facts)


def _history(found: usage.Usage) -> Chart:
    series = [
        Series(_("commit"), "commit", [peak - overage for peak, overage in found.peaks]),
        Series(_("overage"), "overage", [overage for _peak, overage in found.peaks]),
    ]
    return Chart(_("Most seats in use, day by day"), [day_label(day) for day in found.days], series, True)
