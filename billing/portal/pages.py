"""The vendor's dashboard, and its bills: by month, by customer, by license, down to single charges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.faces import visitor
from billing import ledger
from billing.costs import month_asked_for
from billing.exports import as_csv, as_json, as_pdf
from billing.exports.report import report
from billing.models import UsageRecord
from billing.portal import charges, revenue
from billing.queries import is_final
from cloudlicenses.kit import clock, jsonmoney, months
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.charts import Chart, Series, day_label, since_something
from cloudlicenses.web.listings import listing_of
from vendors import insight, queries
from vendors.faces import asked, in_portal
from vendors.models import CrmAccount, IssuedLicense, Vendor

MONTHS_SHOWN = 12
DAYS_SHOWN = 30
MOST_SHOWN = 8
CUSTOMERS_A_PAGE = 50
LONGEST_NUMBER = 18  # digits of an id in an address
KINDS = UsageRecord.Kind


def _welcome(request: HttpRequest) -> HttpResponse:
    """Strangers read how one gets in."""
    return render(request, "vendors/welcome.html")


@require_safe
@in_portal("portal:read", strangers_see=_welcome)
def dashboard(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Money is shown to those who may see it, everything else to all."""
    facts = {"vendor": vendor, "section": "home", **_usage(vendor.id), **_standing(vendor.id)}
    if "revenue:read" in visitor(request).rights:
        facts |= _money(vendor.id)
    return render(request, "billing/portal/dashboard.html", facts)


@require_safe
@in_portal("revenue:read")
def bills(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """`?period=2026-10`, the present month unless asked; `?account=` goes straight to a customer's."""
    month = _with_fees(vendor, request.GET.get("period", ""))
    if (account := asked(request, "account", LONGEST_NUMBER)).isdecimal():
        return _customer(request, vendor, queries.account_for(vendor.id, int(account)), month)
    found = revenue.by_account(vendor.id, month)
    page = Paginator(found, CUSTOMERS_A_PAGE).get_page(request.GET.get("page"))
    totals = revenue.totals(found)
    facts = {"page_of_bills": page, "totals": totals, "rate": revenue.overage_rate(totals), **_period(month)}
    if facts["is_present"]:
        before = revenue.by_month(vendor.id, months.preceding(month), months.preceding(month))
        facts["forecasts"] = revenue.forecasts([*before, revenue.Month(month, totals)])
    return render(request, "billing/portal/bills.html", facts | {"vendor": vendor})


@require_safe
@in_portal("revenue:read")
def customer_bill(request: HttpRequest, vendor: Vendor, period: str, account_id: int) -> HttpResponse:
    return _customer(request, vendor, queries.account_for(vendor.id, account_id), _with_fees(vendor, period))


@require_safe
@in_portal("revenue:read")
def charge_file(request: HttpRequest, vendor: Vendor, period: str, account_id: int) -> HttpResponse:
    """Every charge of a customer's month as CSV."""
    account, month = queries.account_for(vendor.id, account_id), _with_fees(vendor, period)
    content = charges.as_csv(charges.charges(vendor.id, account, month))
    return _file(content, "text/csv; charset=utf-8", f"charges-{vendor.id}-{account.pk}-{months.label(month)}.csv")


@require_safe
@in_portal("revenue:read")
def export(request: HttpRequest, vendor: Vendor, period: str, ending: str) -> HttpResponse:
    """The month as the API exports it: the same files, to the byte."""
    month = month_asked_for(period)
    found = report(vendor.id, month, months.last_day(month))
    name = f"{found.file_stem}.{ending}"
    if ending == "csv":
        return _file(as_csv.render(found), "text/csv; charset=utf-8", name)
    if ending == "pdf":
        return _file(as_pdf.render(found), "application/pdf", name)
    if ending == "json":
        return _file(jsonmoney.dumps(as_json.document(found)), "application/json", name)
    raise NotFound


def _customer(request: HttpRequest, vendor: Vendor, account: CrmAccount, month: date) -> HttpResponse:
    licenses = revenue.by_license(vendor.id, month, account.pk)
    license_id, kind = request.GET.get("license", "")[:120], request.GET.get("kind", "")
    known = {bill.key for bill in licenses}
    found = charges.charges(
        vendor.id, account, month,
        license_id=license_id if license_id in known else "", kind=kind if kind in KINDS.values else "",
    )  # fmt: skip
    facts = {
        "account": account, "licenses": licenses, "totals": revenue.totals(licenses), "vendor": vendor,
        "listing": listing_of(found, request.GET, charges.ORDERS), "license_id": license_id, "kind": kind,
        "kinds": [("", _("All")), *((each.value, _kind_word(each)) for each in KINDS)],
    }  # fmt: skip
    facts |= _period(month) | {"address": f"?account={account.pk}&period="}
    return render(request, "billing/portal/customer.html", facts)


def _kind_word(kind: UsageRecord.Kind) -> str:
    return {KINDS.COMMIT: _("prepaid"), KINDS.OVERAGE: _("overage"), KINDS.COMMIT_FEE: _("commit fee")}[kind]


def _with_fees(vendor: Vendor, text: str) -> date:
    """The month asked for; its fees stand in the ledger before anything is read from there."""
    month = month_asked_for(text)
    ledger.ensure_commit_fees(month, month, vendor_id=vendor.id)
    return month


def _period(month: date) -> dict[str, Any]:
    """Where in time the page is."""
    present = months.month_of(clock.now())
    return {
        "month": month, "period": months.label(month), "before": months.label(months.preceding(month)),
        "after": months.label(months.following(month)) if month < present else "",
        "is_present": month == present, "is_final": is_final(month), "section": "billing",
    }  # fmt: skip


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
        "waiting_count": counts.get(Status.PENDING_CUSTOMER, 0) + counts.get(Status.GENERATED, 0),
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


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
