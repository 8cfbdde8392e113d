"""The vendor's overview: what is sold, what is in use now, what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.faces import visitor
from billing import ledger
from billing.portal import revenue
from billing.queries import NOTHING
from cloudlicenses.kit import clock, months
from cloudlicenses.web.charts import Chart, Series, day_label, since_something
from cloudlicenses.web.htmx import render_page
from vendors import in_use, insight, queries
from vendors.faces import in_portal
from vendors.models import IssuedLicense, Vendor

MONTHS_SHOWN = 12
DAYS_SHOWN = 30
MOST_SHOWN = 8
NOTHING_USED = insight.LicenseUse()


def _welcome(request: HttpRequest) -> HttpResponse:
    """Strangers read how one gets in."""
    return render(request, "vendors/welcome.html")


@require_safe
@in_portal("portal:read", strangers_see=_welcome)
def dashboard(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Money is shown to those who may see it, everything else to all."""
    sees_money = "revenue:read" in visitor(request).rights
    facts = {"vendor": vendor, "section": "home", **_usage(vendor.id), **_standing(vendor.id)}
    if sees_money:
        facts |= _money(vendor.id)
    if not facts["newest"]:
        facts["has_products"] = queries.products_of(vendor.id).exists()
    facts["active"] = _active(vendor.id, facts["newest"], sees_money=sees_money)
    return render_page(request, "billing/portal/dashboard.html", "billing/portal/_now.html", facts)


@dataclass(frozen=True, slots=True)
class Active:
    """A license with its seats now and its overage of this month; `cost` None: whoever looks may not see money."""

    seats: in_use.LicenseInUse
    overage: int
    cost: Decimal | None


def _active(vendor_id: str, newest: Sequence[IssuedLicense], *, sees_money: bool) -> list[Active]:
    """Those that are used hardest this month; where they are few, what was sold lately beside them."""
    today = clock.today()
    month = months.month_of(today)
    used = insight.by_license(vendor_id, insight.View(month, today), most=MOST_SHOWN)
    found = queries.licenses_of(vendor_id).in_bulk(list(used))
    licenses = [found[key] for key in used if key in found]
    licenses += [license for license in newest if license.id not in found]
    shown = in_use.with_seats(vendor_id, licenses[:MOST_SHOWN])
    costs = revenue.overage_of(vendor_id, month, [one.license for one in shown]) if sees_money else {}
    return [
        Active(
            one,
            used.get(one.license.id, NOTHING_USED).overage_checkouts,
            costs.get(one.license.id, NOTHING) if sees_money else None,
        )
        for one in shown
    ]


def _usage(vendor_id: str) -> dict[str, Any]:
    today = clock.today()
    view = insight.View(today - timedelta(days=DAYS_SHOWN - 1), today)
    days = insight.days(insight.hours(vendor_id, view), view)
    parts = [
        Series(_("commit"), "commit", [day.checkouts - day.overage_checkouts for day in days]),
        Series(_("overage"), "overage", [day.overage_checkouts for day in days]),
        Series(_("refused"), "denied", [day.denials for day in days]),
    ]
    labels = [day_label(day.day) for day in days]
    over, taken = sum(day.overage_checkouts for day in days), sum(day.checkouts for day in days)
    return {
        "checkouts": Chart(_("Checkouts by day"), labels, parts, is_stacked=True),
        "overage_rate": round(100 * over / taken) if taken else 0,
        "in_use": insight.all_in_use_now(vendor_id),
    }


def _standing(vendor_id: str) -> dict[str, Any]:
    Status = IssuedLicense.Status
    licenses = queries.licenses_of(vendor_id)
    counts = queries.license_counts(vendor_id)
    return {
        "active_count": counts.get(Status.PROVISIONED, 0),
        "waiting_count": counts.get(Status.PENDING_CUSTOMER, 0),
        "generated_count": counts.get(Status.GENERATED, 0),
        "customer_count": queries.accounts_of(vendor_id).count(),
        "newest": list(licenses.order_by("-created_at", "id")[:MOST_SHOWN]),
        "ending": list(
            licenses.filter(auto_renew=False, end_date__range=(clock.today(), clock.today() + timedelta(days=60)))
            .exclude(status=Status.REVOKED)
            .order_by("end_date", "id")[:MOST_SHOWN]
        ),
    }


def _money(vendor_id: str) -> dict[str, Any]:
    ledger.ensure_commit_fees(clock.today(), clock.today(), vendor_id=vendor_id)
    history = revenue.by_month(vendor_id, *revenue.last_months(MONTHS_SHOWN))
    present = history[-1].figures
    return {
        "revenue": _trends(history),
        "this_month": present,
        "forecasts": revenue.forecasts(history),
    }


def _trends(history: Sequence[revenue.Month]) -> list[tuple[str, Chart]]:
    """One chart a currency: nobody adds euros to dollars."""
    history = since_something(history, lambda month: month.figures)
    labels = [date_format(month.month, "M y") for month in history]
    currencies = sorted({figures.currency for month in history for figures in month.figures})

    def values(currency: str, name: str) -> list[Any]:
        by_month = [{figures.currency: getattr(figures, name) for figures in month.figures} for month in history]
        return [found.get(currency, 0) for found in by_month]

    return [
        (
            currency,
            Chart(
                _("Revenue by month, %(currency)s") % {"currency": currency},
                labels,
                [
                    Series(_("commit fees"), "commit", values(currency, "commit_fee")),
                    Series(_("overage"), "overage", values(currency, "overage_cost")),
                ],
                is_stacked=True,
            ),
        )
        for currency in currencies
    ]
