"""The report in the contract's JSON shape, with what it leaves open: a currency beside all money, the month, and totals.

The top-level `total_overage_revenue` and `currency` are for the usual case, one currency; with several both are null, and
`totals_by_currency` has the sums. Nothing is ever added up across currencies.
"""

from __future__ import annotations

from typing import Any

from billing.exports.report import Customer, Report
from billing.queries import NOTHING, Figures, VendorRow
from cloudlicenses.kit import months


def document(report: Report) -> dict[str, Any]:
    totals = report.totals
    only = totals[0] if len(totals) == 1 else None
    return {
        "vendor_id": report.vendor_id,
        "period": {"start": report.start.isoformat(), "end": report.end.isoformat()},
        "total_overage_revenue": only.overage_cost if only else None if totals else NOTHING,
        "currency": only.currency if only else None,
        "customers": [_customer(customer) for customer in report.customers],
        "totals": _figures(only) if only else None,
        "totals_by_currency": [_figures(figures) for figures in totals],
    }


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "crm_account_id": customer.crm_account_id,
        "tenant_id": customer.tenant_id,
        "customer_name": customer.name,
        "products": [_product(row) for row in customer.rows],
    }


def _product(row: VendorRow) -> dict[str, Any]:
    return {
        "product_id": row.product_id,
        "product_name": row.product_name,
        "license_id": row.license_ids[0],
        "license_ids": row.license_ids,
        "billing_period": months.label(row.month),
        **_figures(row.figures),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "overage_checkouts": figures.overage_checkouts,
        "overage_cost": figures.overage_cost,
        "commit_fee": figures.commit_fee,
        "total_billable": figures.total,
        "currency": figures.currency,
    }
