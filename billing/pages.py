"""A customer's month: what each vendor will bill, from the same ledger as the vendor's own export."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing import queries
from billing.costs import month_asked_for
from cloudlicenses.kit import clock, months
from cloudlicenses.web.people import needs


@require_safe
@needs("costs:read")
def costs(request: HttpRequest) -> HttpResponse:
    month = month_asked_for(request.GET.get("period", ""))
    rows = queries.tenant_costs(request.tenant.id, month)
    present = months.month_of(clock.now())
    facts = {
        "rows": rows,
        "totals": queries.totals_by_currency(row.figures for row in rows),
        "month": month,
        "period": months.label(month),
        "before": months.label(months.preceding(month)),
        "after": months.label(months.following(month)) if month < present else "",
        "is_open": month >= present,
        "section": "costs",
    }
    return render(request, "billing/costs.html", facts)
