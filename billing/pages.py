"""A customer's costs: the month by vendor and product, the months before it, and each down to the single checkout.

All from the same ledger as the vendors' own exports. The present month comes with a forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing import charges, costs, queries, sealing, trend
from billing.exports import for_customers
from cloudlicenses.kit import clock, months
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.charts import Chart, Number, Series, plain, since_something
from cloudlicenses.web.forms import FilterForm, LongSelect
from cloudlicenses.web.json import MoneyJSONRenderer
from cloudlicenses.web.listings import listing_of
from cloudlicenses.web.people import needs
from licensing.models import License

MONTHS_SHOWN = 12
ROWS_SHOWN = 50  # dearest first; the export has them all
MOST_VENDORS = 30  # in the menu; the API has the bills of all
MOST_EXPORTED = 100_000
ORDERS = {"-at": ("at", "entry"), "amount": ("amount", "at", "entry")}


class ChargeFilter(FilterForm):
    period = forms.CharField(widget=forms.HiddenInput)
    vendor = forms.ChoiceField(label=gettext_lazy("Vendor"), widget=LongSelect)
    product = forms.ChoiceField(label=gettext_lazy("Product"), widget=LongSelect)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[
        ("", gettext_lazy("All")), ("overage", gettext_lazy("overage")), ("commit", gettext_lazy("commit seats")),
        ("commit_fee", gettext_lazy("commit fees")),
    ])  # fmt: skip

    @property
    def is_narrowing(self) -> bool:
        return bool(self.said("vendor") or self.said("product") or self.said("kind"))


@require_safe
@needs("costs:read")
def month_page(request: HttpRequest) -> HttpResponse:
    month = costs.month_asked_for(request.GET.get("period", ""))
    rows = queries.tenant_costs(request.tenant.id, month)
    history = trend.monthly(request.tenant.id, MONTHS_SHOWN)
    present = months.month_of(clock.now())
    vendors = sorted({(row.vendor_id, row.vendor_name) for row in rows}, key=lambda vendor: vendor[1])[:MOST_VENDORS]
    facts = {
        **_neighbours(month, present),
        "rows": sorted(rows, key=lambda row: -row.figures.total)[:ROWS_SHOWN],
        "row_count": len(rows),
        "vendors": vendors,
        "proven": _proven(request, vendors, month),
        "by_vendor": queries.totals_by_vendor(rows)[:MOST_VENDORS],
        "totals": queries.totals_by_currency(row.figures for row in rows),
        "forecasts": trend.forecast(history) if month == present else [],
        "charts": [] if month > present else _charts(history),
        "section": "costs",
    }
    return render(request, "billing/costs.html", facts)


@require_safe
@needs("costs:read")
def month_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The month as CSV, JSON or PDF. Raises `NotFound`."""
    if ending not in ("csv", "json", "pdf"):
        raise NotFound
    month = costs.month_asked_for(request.GET.get("period", ""))
    if ending == "json":
        document = MoneyJSONRenderer().render(costs.document(request.tenant.id, month))
        return _file(document, "application/json", f"costs-{months.label(month)}.json")
    rows = queries.tenant_costs(request.tenant.id, month)
    statement = for_customers.Statement(request.tenant.company_name, month, rows)
    if ending == "pdf":
        return _file(for_customers.as_document(statement), "application/pdf", f"{statement.file_stem}.pdf")
    return _file(for_customers.as_csv(statement), "text/csv; charset=utf-8", f"{statement.file_stem}.csv")


@require_safe
@needs("costs:read")
def charge_list(request: HttpRequest) -> HttpResponse:
    month = costs.month_asked_for(request.GET.get("period", ""))
    filters = ChargeFilter(request.GET, _offered())
    found = _records(request, month, filters)
    listing = listing_of(found, request.GET, ORDERS)
    facts = {
        **_neighbours(month, months.month_of(clock.now())),
        "filters": filters,
        "listing": listing,
        "charges": list(charges.charges_of(listing.rows)),
        "section": "costs",
    }
    return render(request, "billing/charges.html", facts)


@require_safe
@needs("costs:read")
def charge_file(request: HttpRequest, ending: str) -> HttpResponse:
    """All charges that the page lists, as CSV: at most `MOST_EXPORTED`, as its last line says then. Raises `NotFound`."""
    if ending != "csv":
        raise NotFound
    month = costs.month_asked_for(request.GET.get("period", ""))
    found = _records(request, month, ChargeFilter(request.GET, _offered()))
    rows = charges.charges_of(found.order_by(*charges.NEWEST_FIRST)[: MOST_EXPORTED + 1])
    content = for_customers.charges_as_csv(rows, MOST_EXPORTED)
    return _file(content, "text/csv; charset=utf-8", f"charges-{months.label(month)}.csv")


def _proven(request: HttpRequest, vendors: Sequence[tuple[str, str]], month: date) -> set[str]:
    """Whose bills have a signed head: in its first minutes a month has none."""
    bills = [sealing.Bill(vendor_id, request.tenant.id, month) for vendor_id, _name in vendors]
    return {bill.vendor_id for bill in sealing.newest(bills)}


def _records(request: HttpRequest, month: date, filters: ChargeFilter) -> Any:
    wanted = {"vendor_id": filters.said("vendor"), "product_id": filters.said("product"), "kind": filters.said("kind")}
    return charges.records(request.tenant.id, month, **wanted)


def _offered() -> dict[str, list[tuple[str, str]]]:
    """What may be chosen in a filter: the vendors and products there are licenses of."""
    names = ("vendor_id", "vendor_name", "product_id", "product_name")
    sold = list(License.objects.order_by("product_name").values_list(*names).distinct())
    vendors = {(vendor_id, vendor_name) for vendor_id, vendor_name, *_ in sold}
    products = dict.fromkeys((product_id, product_name) for *_, product_id, product_name in sold)
    return {"vendor": sorted(vendors, key=lambda vendor: vendor[1]), "product": list(products)}


def _neighbours(month: date, present: date) -> dict[str, Any]:
    return {
        "month": month,
        "period": months.label(month),
        "before": months.preceding(month),
        "after": months.following(month) if month < present else None,
        "is_open": month >= present,
    }


def _charts(history: Sequence[trend.MonthCost]) -> list[Chart]:
    found = []
    for currency, group in groupby(sorted(history, key=lambda cost: (cost.currency, cost.month)), lambda c: c.currency):
        each = since_something(list(group), lambda cost: cost.total)
        series = [
            Series(_("commit"), "commit", [cost.commit_fee for cost in each]),
            Series(_("overage"), "overage", [cost.overage_cost for cost in each]),
        ]
        title = _("Cost by month, %(currency)s") % {"currency": currency}
        labels = [date_format(cost.month, "M") for cost in each]
        found.append(Chart(title, labels, series, is_stacked=True, show=_whole))
    return found


def _whole(value: Number) -> str:
    return plain(round(value))


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
