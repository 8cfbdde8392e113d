"""How facts come into the ledger. Checkouts come with their lease, in the plane's own statement (licensing/sql); commit fees here.

The rule of commit fees (docs/decisions/0010): a license's fee is due for every calendar month (UTC) that its contract overlaps,
from the month in which it was provisioned on, unless it was revoked before the month began. Suspension does not lift it.
Each month's fee is one record, written once, at the month's first instant and with the terms in force at the time of
writing; what was written is never changed, and a month closed for good gets no more fees (a contract prolonged later doesn't
reach back). So `ensure_commit_fees` may run at any time and as often as anybody likes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from audit.delivery import Event
from cloudlicenses.kit import clock, months
from tenants.context import platform

WRITE_FEES = """
    INSERT INTO billing_usagerecord
        (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency, seats)
    SELECT 'fee-' || license.id || '-' || to_char(due.month, 'YYYY-MM'), due.month AT TIME ZONE 'UTC', 'commit_fee',
           license.tenant_id, license.vendor_id, license.id, license.product_id,
           license.commit_fee_monthly, license.currency, license.commit_qty
      FROM vendors_issuedlicense AS license,
           generate_series(
               greatest(
                   %(first)s::timestamp,
                   date_trunc('month', license.provisioned_at AT TIME ZONE 'UTC'),
                   date_trunc('month', license.start_date::timestamp)
               ),
               least(%(last)s::timestamp, license.end_date::timestamp),
               interval '1 month'
           ) AS due (month)
     WHERE license.provisioned_at IS NOT NULL
       AND (license.status <> 'revoked' OR license.revoked_at >= due.month AT TIME ZONE 'UTC')
       AND NOT EXISTS (SELECT FROM billing_closedmonth AS closed WHERE closed.month = due.month::date AND closed.is_final)
       AND NOT EXISTS (
           SELECT FROM billing_usagerecord AS written
            WHERE written.entry = 'fee-' || license.id || '-' || to_char(due.month, 'YYYY-MM')
              AND written.at = due.month AT TIME ZONE 'UTC' AND written.at BETWEEN %(first_at)s AND %(last_at)s
              AND (%(vendor_id)s = '' OR written.vendor_id = %(vendor_id)s)
       )
       AND (%(vendor_id)s = '' OR license.vendor_id = %(vendor_id)s)
       AND (%(tenant_id)s = '' OR license.tenant_id = %(tenant_id)s)
       AND (%(license_id)s = '' OR license.id = %(license_id)s)
        ON CONFLICT DO NOTHING
"""


def ensure_commit_fees(
    first: date, last: date, *, vendor_id: str = "", tenant_id: str = "", license_id: str = ""
) -> int:
    """Write the fees that are due for the months from `first` to `last` and not yet written; how many were.

    Never for months that have not begun. One statement whatever the number of licenses; empty ids mean all.
    """
    first, last = months.month_of(first), min(months.month_of(last), months.month_of(clock.now()))
    limits: dict[str, Any] = {
        "first": first,
        "last": last,
        "first_at": months.start_of(first),
        "last_at": months.start_of(last),
        "vendor_id": vendor_id,
        "tenant_id": tenant_id,
        "license_id": license_id,
    }
    with platform(), connection.cursor() as cursor:
        cursor.execute(WRITE_FEES, limits)
        return int(cursor.rowcount)


def charge_provisioned(event: Event) -> None:
    """Hears of `license.provisioned`: the present month's fee stands in the ledger at once."""
    month = months.month_of(event.at)
    ensure_commit_fees(month, month, license_id=event.subject[1])
