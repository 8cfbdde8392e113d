"""A vendor's bills: by month, by customer, by license, down to single charges."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing import ledger
from billing.costs import month_asked_for
from billing.exports import as_csv, as_json, as_pdf
from billing.exports.report import report
from billing.models import UsageRecord
from billing.portal import charges, revenue
from billing.queries import is_final
from billing.sealing import Bill, newest
from cloudlicenses.kit import clock, jsonmoney, months
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.web.forms import FilterForm, SearchInput
from cloudlicenses.web.listings import listing_of
from vendors import queries
from vendors.faces import asked, in_portal
from vendors.models import CrmAccount, Vendor

MONTHS_SHOWN = 12
DAYS_SHOWN = 30
MOST_SHOWN = 8
CUSTOMERS_A_PAGE = 50
LONGEST_NUMBER = 18  # digits of an id in an address
LAST_PAGE = 100_000
KINDS = UsageRecord.Kind


class BillFilter(FilterForm):
    period = forms.CharField(widget=forms.HiddenInput)
    q = forms.CharField(label=gettext_lazy("Company, CRM account or tenant"), max_length=100, widget=SearchInput)

    @property
    def is_narrowing(self) -> bool:
        return bool(self.said("q"))


@require_safe
@in_portal("revenue:read")
def bills(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """`?period=2026-10`, the present month unless asked; `?account=` goes straight to a customer's."""
    month = _with_fees(vendor, request.GET.get("period", ""))
    if (account := asked(request, "account", LONGEST_NUMBER)).isdecimal():
        return _customer(request, vendor, queries.account_for(vendor.id, int(account)), month)
    page, filters = _page_asked_for(request), BillFilter(request.GET)
    found = revenue.by_account(vendor.id, month, most=CUSTOMERS_A_PAGE, page=page, words=filters.said("q"))
    totals = found.totals
    facts = {
        "bills": found, "page": page, "is_later_page": page > 1, "filters": filters, "totals": totals,
        "rate": revenue.overage_rate(totals), **_period(month),
    }  # fmt: skip
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


def _page_asked_for(request: HttpRequest) -> int:
    text = asked(request, "page", LONGEST_NUMBER)
    return max(1, min(int(text), LAST_PAGE)) if text.isdecimal() else 1


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
        "is_proven": bool(newest([Bill(vendor.id, account.tenant_id, month)])),  # in its first minutes a month is not
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


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
