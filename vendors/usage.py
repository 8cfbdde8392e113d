"""How a vendor's products are used, by customer, product and hour or day: checkouts and their cost, seats in use, refusals.

Checkouts and money are read from the ledger, to the cent and as of now; seats and refusals from what is projected out of the
tenants (projection.py), a minute or two later. Nothing in either is of users, hosts or addresses; no tenant's schema is entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection

from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import FieldError, Said, gettext_noop
from vendors import terms

LONGEST_DAYS = {"day": 366, "hour": 31}

# The ledger's models stand above this app; its table is part of the vendors' view (tenants/grants.py), its rows are this vendor's.
# Peaks of several licenses of one product are added up hour by hour; of a day the highest hour counts.
USED = """
    WITH sold AS (
        SELECT license.id, account.crm_account_id, license.tenant_id, license.product_id, license.currency
          FROM public.vendors_issuedlicense AS license
          JOIN public.vendors_crmaccount AS account ON account.id = license.account_id
         WHERE license.vendor_id = %(vendor_id)s
           AND (%(crm_account_id)s = '' OR account.crm_account_id = %(crm_account_id)s)
           AND (%(tenant_id)s = '' OR license.tenant_id = %(tenant_id)s)
           AND (%(product_id)s = '' OR license.product_id = %(product_id)s)
    ), seen AS (
        SELECT date_trunc(%(granularity)s, used.hour AT TIME ZONE 'UTC') AS period, used.hour, sold.*,
               used.in_use, used.peak, used.seat_seconds, used.denials, used.seat_denials
          FROM public.vendors_usagehour AS used JOIN sold ON sold.id = used.license_id
         WHERE used.vendor_id = %(vendor_id)s AND used.hour >= %(start)s AND used.hour < %(end)s
    ), counted AS (
        SELECT date_trunc(%(granularity)s, fact.at AT TIME ZONE 'UTC') AS period,
               sold.crm_account_id, sold.tenant_id, sold.product_id, fact.currency, count(*) AS checkouts,
               count(*) FILTER (WHERE fact.kind = 'overage') AS overage,
               sum(fact.amount) FILTER (WHERE fact.kind = 'overage') AS cost, 0 AS peak, 0 AS in_use, 0 AS seat_seconds,
               0 AS denials, 0 AS seat_denials
          FROM public.billing_usagerecord AS fact JOIN sold ON sold.id = fact.license_id
         WHERE fact.vendor_id = %(vendor_id)s AND fact.kind IN ('commit', 'overage') AND fact.at >= %(start)s AND fact.at < %(end)s
         GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT period, crm_account_id, tenant_id, product_id, currency, 0, 0, 0, sum(peak), 0, 0, 0, 0
          FROM seen GROUP BY 1, 2, 3, 4, 5, hour
        UNION ALL
        SELECT period, crm_account_id, tenant_id, product_id, currency, 0, 0, 0, 0,
               (array_agg(in_use ORDER BY hour DESC))[1], sum(seat_seconds), sum(denials), sum(seat_denials)
          FROM seen GROUP BY 1, 2, 3, 4, 5, id
    )
    SELECT period, crm_account_id, tenant_id, product_id, currency,
           sum(checkouts)::bigint, sum(overage)::bigint, coalesce(sum(cost), 0), sum(in_use)::bigint, max(peak)::bigint,
           round(sum(seat_seconds) / 3600.0, 2), sum(denials)::bigint, sum(seat_denials)::bigint
      FROM counted GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 4, 5
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
    """`in_use` is at the end of the period, or now; `seat_hours` is each seat for as long as it was in use."""

    period: datetime
    crm_account_id: str
    tenant_id: str
    product_id: str
    currency: str
    checkouts: int
    overage_checkouts: int
    overage_cost: Decimal
    in_use: int
    peak_in_use: int
    seat_hours: Decimal
    denials: int
    denials_for_seats: int


def rows(vendor_id: str, wanted: Range) -> list[Row]:
    """In the vendor's scope; idle periods have no row. Raises `InvalidInput` for a range too long or backwards."""
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
        cursor.execute(USED, values)
        return [Row(period.replace(tzinfo=UTC), *rest) for period, *rest in cursor.fetchall()]


def _refuse_bad_range(wanted: Range) -> None:
    longest = LONGEST_DAYS[wanted.granularity]
    if not (wanted.start_date >= terms.EARLIEST and wanted.end_date <= terms.LATEST):
        days = Said(gettext_noop("Days from %(first)s to %(last)s."), first=terms.EARLIEST, last=terms.LATEST)
        terms.refuse(FieldError("start_date", "invalid", days))
    if not 0 <= (wanted.end_date - wanted.start_date).days < longest:
        template = gettext_noop("From start_date on, at most %(most)s days by %(step)s.")
        too_many = Said(template, most=longest, step=wanted.granularity)
        terms.refuse(FieldError("end_date", "invalid", too_many))
