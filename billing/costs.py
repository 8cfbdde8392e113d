"""A customer's month in the API's words: what it costs, by vendor and product; the records its vendors' exports are made of."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from billing.queries import CostRow, Figures, tenant_costs, totals_by_currency
from billing.refusals import UnfitRange
from cloudlicenses.kit import clock, months
from cloudlicenses.kit.refusals import FieldError, gettext_noop

YEARS = range(2000, 2100)


def month_asked_for(text: str) -> date:
    """`2026-10`, or the present month when nothing is asked for; raises `UnfitRange`."""
    month = months.parsed(text) if text else months.month_of(clock.now())
    if month is None or month.year not in YEARS:
        raise UnfitRange(errors=[FieldError("period", "invalid", gettext_noop("Write the month as 2026-10."))])
    return month


def document(tenant_id: str, month: date) -> dict[str, Any]:
    """In the tenant's scope."""
    rows = tenant_costs(tenant_id, month)
    totals = totals_by_currency(row.figures for row in rows)
    return {
        "tenant_id": tenant_id,
        "period": months.label(month),
        "vendors": [
            {"vendor_id": vendor_id, "vendor_name": vendor_name, "products": [_product(row) for row in group]}
            for (vendor_id, vendor_name), group in groupby(rows, key=lambda row: (row.vendor_id, row.vendor_name))
        ],
        "totals": _figures(totals[0]) if len(totals) == 1 else None,
        "totals_by_currency": [_figures(figures) for figures in totals],
    }


def _product(row: CostRow) -> dict[str, Any]:
    return {
        "product_id": row.product_id,
        "product_name": row.product_name,
        "license_ids": row.license_ids,
        **_figures(row.figures),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "commit_checkouts": figures.commit_checkouts,
        "overage_checkouts": figures.overage_checkouts,
        "overage_cost": figures.overage_cost,
        "commit_fee": figures.commit_fee,
        "total_cost": figures.total,
        "currency": figures.currency,
    }
