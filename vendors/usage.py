"""How a vendor's products are used: checkouts and overage by customer, product and hour or day.

Read from the ledger alone, so there is nothing in it of users, hosts or addresses, and no tenant's schema is entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection

from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import FieldError
from vendors import terms

LONGEST_DAYS = {"day": 366, "hour": 31}

# The ledger's models stand above this app; its table is part of the vendors' view (tenants/grants.py), its rows are this vendor's.
CHECKOUTS = """
    SELECT date_trunc(%(granularity)s, fact.at AT TIME ZONE 'UTC') AS period, account.crm_account_id, fact.tenant_id,
           fact.product_id, fact.currency, count(*), count(*) FILTER (WHERE fact.kind = 'overage'),
           coalesce(sum(fact.amount) FILTER (WHERE fact.kind = 'overage'), 0)
      FROM public.billing_usagerecord AS fact
      JOIN public.vendors_issuedlicense AS license ON license.id = fact.license_id
      JOIN public.vendors_crmaccount AS account ON account.id = license.account_id
     WHERE fact.vendor_id = %(vendor_id)s AND fact.kind IN ('commit', 'overage') AND fact.at >= %(start)s AND fact.at < %(end)s
       AND (%(crm_account_id)s = '' OR account.crm_account_id = %(crm_account_id)s)
       AND (%(tenant_id)s = '' OR fact.tenant_id = %(tenant_id)s)
       AND (%(product_id)s = '' OR fact.product_id = %(product_id)s)
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY 1, 2, 4, 5
"""


@dataclass(frozen=True, slots=True)
class Range:
    """From the first instant of `start_date` to the last of `end_date`, UTC; empty ids mean all."""

    start_date: date
    end_date: date
    granularity: str = "day"
    crm_account_id: str = ""
    tenant_id: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    period: datetime
    crm_account_id: str
    tenant_id: str
    product_id: str
    currency: str
    checkouts: int
    overage_checkouts: int
    overage_cost: Decimal


def checkouts(vendor_id: str, wanted: Range) -> list[Row]:
    """In the vendor's scope. Periods without a checkout have no row. Raises `InvalidInput` for a range too long or backwards."""
    _refuse_bad_range(wanted)
    values: dict[str, str | datetime] = {
        "vendor_id": vendor_id,
        "granularity": wanted.granularity,
        "start": months.start_of(wanted.start_date),
        "end": months.start_of(wanted.end_date + timedelta(days=1)),
        "crm_account_id": wanted.crm_account_id,
        "tenant_id": wanted.tenant_id,
        "product_id": wanted.product_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHECKOUTS, values)
        return [Row(period.replace(tzinfo=UTC), *rest) for period, *rest in cursor.fetchall()]


def _refuse_bad_range(wanted: Range) -> None:
    longest = LONGEST_DAYS[wanted.granularity]
    if not (wanted.start_date >= terms.EARLIEST and wanted.end_date <= terms.LATEST):
        terms.refuse(FieldError("start_date", "invalid", f"Days from {terms.EARLIEST} to {terms.LATEST}."))
    if not 0 <= (wanted.end_date - wanted.start_date).days < longest:
        message = f"From start_date on, at most {longest} days by {wanted.granularity}."
        terms.refuse(FieldError("end_date", "invalid", message))
