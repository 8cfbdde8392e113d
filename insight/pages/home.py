"""The customer's first page: what is in use, what was refused, what it costs and will cost; who took a seat last.

A tenant that is new sees what to do first instead. Money is shown to roles with `costs:read` alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.faces import visitor
from billing import trend
from cloudlicenses.kit import clock
from cloudlicenses.web.charts import Chart, Number, Series, plain
from cloudlicenses.web.htmx import render_page
from cloudlicenses.web.people import needs
from cloudlicenses.web.zones import zone_of
from insight import hours
from keys.models import ApiKey
from licensing import overview, queries
from licensing.models import Denial
from licensing.standing import standing_of

HOURS_SHOWN = 7 * 24
NOON = 12  # where the name of a day stands
MONTHS_SHOWN = 6
FULLEST, LATEST = 6, 8
LATELY = timedelta(hours=24)
SHOWN = ("user", "lease_type", "issued_at", "license__product_name")  # of a lease: a license has forty columns


@require_safe
@needs("licenses:read")
def home(request: HttpRequest) -> HttpResponse:
    """htmx asks again for what is true now; the charts' last column is of now as well."""
    facts: dict[str, Any] = {"section": "home", **_now()}
    if facts["licenses"] == 0:
        facts["has_keys"] = ApiKey.objects.exists()
    else:
        facts["history"] = _history(request, facts["glance"])
    if visitor(request).may("costs:read"):
        costs = trend.monthly(request.tenant.id, MONTHS_SHOWN)
        facts |= {"costs": _costs(costs), "months": _months(costs)}
    return render_page(request, "insight/home.html", "insight/_now.html", facts)


def _now() -> dict[str, Any]:
    glance = overview.at_a_glance(FULLEST)
    found = {license_.pk: license_ for license_ in queries.licenses().defer("package").filter(pk__in=glance.fullest)}
    refused = Denial.objects.filter(at__gt=clock.now() - LATELY)
    counted = refused.aggregate(all=Count("pk"), people=Count("user", distinct=True))
    return {
        "glance": glance,
        "licenses": glance.licenses,
        "fullest": [standing_of(found[license_id]) for license_id in glance.fullest],
        "refused": counted,
        "latest": queries.leases(active=True).only(*SHOWN).order_by("-issued_at", "id")[:LATEST],
        "denials": queries.named(refused).order_by("-at", "-id")[:LATEST] if counted["all"] else (),
    }


def _history(request: HttpRequest, glance: overview.Glance) -> Chart:
    """Hour by hour, in the reader's zone. Hours are summed once a minute; the present one shows no less than what is held now."""
    last = clock.now().replace(minute=0, second=0, microsecond=0)
    first, zone = last - timedelta(hours=HOURS_SHOWN - 1), zone_of(request)
    peaks = hours.peaks_by_hour(hours.hours_of(request.tenant.id, first, last + timedelta(hours=1)), first, HOURS_SHOWN)
    peak, overage = peaks[-1]
    peaks[-1] = max(peak, glance.held), max(overage, glance.overage)
    moments = [(first + timedelta(hours=each)).astimezone(zone) for each in range(HOURS_SHOWN)]
    series = [
        Series(_("all seats"), "seats", [peak for peak, _overage in peaks]),
        Series(_("of these overage"), "overage", [overage for _peak, overage in peaks]),
    ]
    labels = [_hour_label(moment, get_language()) for moment in moments]
    marks = [date_format(moment, "D") if moment.hour == NOON else "" for moment in moments]
    return Chart(_("Seats in use, last 7 days"), labels, series, marks=marks)


@lru_cache(maxsize=10_000)
def _hour_label(moment: datetime, _language: str | None) -> str:
    """All but one of a week's hours were there an hour ago."""
    return date_format(moment, "D j M, H:00")


def _costs(costs: list[trend.MonthCost]) -> list[tuple[trend.MonthCost, trend.Forecast]]:
    """The present month and its forecast, a currency each."""
    last = [list(group)[-1] for _currency, group in groupby(sorted(costs, key=_by_currency), key=lambda c: c.currency)]
    return list(zip(last, trend.forecast(costs), strict=True))


def _months(costs: list[trend.MonthCost]) -> list[Chart]:
    charts = []
    for currency, group in groupby(sorted(costs, key=_by_currency), key=lambda cost: cost.currency):
        each = list(group)
        series = [
            Series(_("commit"), "commit", [cost.commit_fee for cost in each]),
            Series(_("overage"), "overage", [cost.overage_cost for cost in each]),
        ]
        labels = [date_format(cost.month, "M") for cost in each]
        title = _("Cost by month, %(currency)s") % {"currency": currency}
        charts.append(Chart(title, labels, series, is_stacked=True, show=_whole))
    return charts


def _by_currency(cost: trend.MonthCost) -> tuple[str, Any]:
    return cost.currency, cost.month


def _whole(value: Number) -> str:
    return plain(round(value))
