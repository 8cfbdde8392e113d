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

# Months come as rows, usually one, with their instants and the end of an entry's name: nothing is worked out license by license.
WRITE_FEES = """
    INSERT INTO billing_usagerecord
        (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency, seats)
    SELECT 'fee-' || license.id || due.ending, due.at, 'commit_fee',
           license.tenant_id, license.vendor_id, license.id, license.product_id,
           license.commit_fee_monthly, license.currency, license.commit_qty
      FROM (
           SELECT * FROM unnest(%(months)s::date[], %(following)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
                                %(endings)s::text[]) AS month (first, following, at, until, ending)
            WHERE NOT EXISTS (SELECT FROM billing_closedmonth AS closed WHERE closed.month = month.first AND closed.is_final)
           ) AS due
      JOIN vendors_issuedlicense AS license
        ON license.provisioned_at < due.until AND license.start_date < due.following AND license.end_date >= due.first
       AND (license.status <> 'revoked' OR license.revoked_at >= due.at)
     WHERE NOT EXISTS (
           SELECT FROM billing_usagerecord AS written
            WHERE written.entry = 'fee-' || license.id || due.ending
              AND written.at = due.at AND written.at BETWEEN %(first_at)s AND %(last_at)s
              AND (%(vendor_id)s = '' OR written.vendor_id = %(vendor_id)s)
              AND (%(tenant_id)s = '' OR written.tenant_id = %(tenant_id)s)
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
    wanted = months.between(first, min(last, clock.today()))
    if not wanted:
        return 0
    following = [months.following(month) for month in wanted]
    limits: dict[str, Any] = {
        "months": wanted,
        "following": following,
        "starts": [months.start_of(month) for month in wanted],
        "ends": [months.start_of(month) for month in following],
        "endings": [f"-{months.label(month)}" for month in wanted],
        "first_at": months.start_of(wanted[0]),
        "last_at": months.start_of(wanted[-1]),
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
