"""Write the hours of licenses, and with them the sums that charts read: a thousand licenses then cost no more than one.

Of a tenant: an hour of all it has. Of a vendor: an hour of everything it sold, of each product and of each customer. Of a license:
a week. A tenant's hours are summed anew, for nobody else writes them; a vendor's are many tenants' at once, so only what has been
added is added, in one order for all, and what was written twice adds nothing.
"""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from cloudlicenses.kit import clock
from licensing.hours import UsedHour

SUMMED_AGAIN = timedelta(hours=3)
LATELY = timedelta(days=3)
WEEK = timedelta(days=7)

# `written` is what each hour has more of than before.
WRITE = """
    WITH written AS (
        INSERT INTO vendors_usagehour AS known
               (tenant_id, license_id, vendor_id, product_id, hour, in_use, peak, peak_overage, seat_seconds, checkouts,
                overage_checkouts, denials, seat_denials)
        SELECT %s, used.*
          FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::integer[], %s::integer[], %s::integer[],
                      %s::bigint[], %s::integer[], %s::integer[], %s::integer[], %s::integer[]) AS used
            ON CONFLICT (license_id, hour) DO UPDATE
           SET in_use = excluded.in_use, peak = greatest(known.peak, excluded.peak),
               peak_overage = greatest(known.peak_overage, excluded.peak_overage),
               seat_seconds = greatest(known.seat_seconds, excluded.seat_seconds),
               checkouts = greatest(known.checkouts, excluded.checkouts),
               overage_checkouts = greatest(known.overage_checkouts, excluded.overage_checkouts),
               denials = greatest(known.denials, excluded.denials),
               seat_denials = greatest(known.seat_denials, excluded.seat_denials)
        RETURNING tenant_id, license_id, vendor_id, product_id, hour, peak AS highest, peak_overage AS highest_overage,
                  new.peak - coalesce(old.peak, 0) AS peak,
                  new.seat_seconds - coalesce(old.seat_seconds, 0) AS seat_seconds,
                  new.checkouts - coalesce(old.checkouts, 0) AS checkouts,
                  new.overage_checkouts - coalesce(old.overage_checkouts, 0) AS overage_checkouts,
                  new.denials - coalesce(old.denials, 0) AS denials,
                  new.seat_denials - coalesce(old.seat_denials, 0) AS seat_denials, old IS DISTINCT FROM new AS is_news
    ), of_licenses AS (
        INSERT INTO vendors_licenseweek AS known
               (license_id, week, vendor_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts,
                denials, seat_denials)
        SELECT license_id, date_trunc('week', hour, 'UTC'), vendor_id, tenant_id, product_id, max(highest), max(highest_overage),
               sum(seat_seconds), sum(checkouts), sum(overage_checkouts), sum(denials), sum(seat_denials)
          FROM written WHERE is_news GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (license_id, week) DO UPDATE
           SET peak = greatest(known.peak, excluded.peak), peak_overage = greatest(known.peak_overage, excluded.peak_overage),
               seat_seconds = known.seat_seconds + excluded.seat_seconds, checkouts = known.checkouts + excluded.checkouts,
               overage_checkouts = known.overage_checkouts + excluded.overage_checkouts,
               denials = known.denials + excluded.denials, seat_denials = known.seat_denials + excluded.seat_denials
    )
    INSERT INTO vendors_vendorhour AS known
           (vendor_id, tenant_id, product_id, hour, peak, seat_seconds, checkouts, overage_checkouts, denials)
    SELECT vendor_id, coalesce(tenant_id, ''), coalesce(product_id, ''), hour, sum(peak), sum(seat_seconds), sum(checkouts),
           sum(overage_checkouts), sum(denials)
      FROM written WHERE is_news
     GROUP BY GROUPING SETS ((vendor_id, hour), (vendor_id, hour, tenant_id), (vendor_id, hour, product_id))
     ORDER BY 1, 2, 3, 4
        ON CONFLICT (vendor_id, tenant_id, product_id, hour) DO UPDATE
       SET peak = known.peak + excluded.peak, seat_seconds = known.seat_seconds + excluded.seat_seconds,
           checkouts = known.checkouts + excluded.checkouts,
           overage_checkouts = known.overage_checkouts + excluded.overage_checkouts, denials = known.denials + excluded.denials
 RETURNING vendor_id
"""
# Hours of just before are summed again: a worker of the release before may have written them while a deploy was under way.
SUM_OF_TENANT = """
    INSERT INTO vendors_tenanthour AS known (tenant_id, hour, peak, peak_overage, seat_seconds, checkouts, denials)
    SELECT tenant_id, hour, sum(peak), sum(peak_overage), sum(seat_seconds), sum(checkouts), sum(denials)
      FROM vendors_usagehour
     WHERE tenant_id = %(tenant_id)s AND hour >= %(start)s AND hour < %(end)s
     GROUP BY tenant_id, hour
        ON CONFLICT (tenant_id, hour) DO UPDATE
       SET peak = excluded.peak, peak_overage = excluded.peak_overage, seat_seconds = excluded.seat_seconds,
           checkouts = excluded.checkouts, denials = excluded.denials
     WHERE (known.peak, known.peak_overage, known.seat_seconds, known.checkouts, known.denials)
           IS DISTINCT FROM (excluded.peak, excluded.peak_overage, excluded.seat_seconds, excluded.checkouts, excluded.denials)
"""
# Whoever writes waits meanwhile, whoever reads sees what was there before.
RECOUNT = (
    "LOCK TABLE vendors_vendorhour, vendors_licenseweek IN SHARE ROW EXCLUSIVE MODE",
    "DELETE FROM vendors_vendorhour WHERE hour >= %(since)s",
    """
    INSERT INTO vendors_vendorhour
           (vendor_id, tenant_id, product_id, hour, peak, seat_seconds, checkouts, overage_checkouts, denials)
    SELECT vendor_id, coalesce(tenant_id, ''), coalesce(product_id, ''), hour, sum(peak), sum(seat_seconds), sum(checkouts),
           sum(overage_checkouts), sum(denials)
      FROM vendors_usagehour WHERE hour >= %(since)s
     GROUP BY GROUPING SETS ((vendor_id, hour), (vendor_id, hour, tenant_id), (vendor_id, hour, product_id))
    """,
    "DELETE FROM vendors_licenseweek WHERE week >= %(since)s",
    """
    INSERT INTO vendors_licenseweek
           (license_id, week, vendor_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts,
            denials, seat_denials)
    SELECT license_id, date_trunc('week', hour, 'UTC'), vendor_id, tenant_id, product_id, max(peak), max(peak_overage),
           sum(seat_seconds), sum(checkouts), sum(overage_checkouts), sum(denials), sum(seat_denials)
      FROM vendors_usagehour WHERE hour >= %(since)s GROUP BY 1, 2, 3, 4, 5
    """,
)
FORGET = (
    "DELETE FROM vendors_tenanthour WHERE hour < %(oldest)s",
    "DELETE FROM vendors_vendorhour WHERE hour < %(oldest)s",
    "DELETE FROM vendors_licenseweek WHERE week < %(oldest)s - interval '7 days'",
    "DELETE FROM vendors_usagehour WHERE hour < %(oldest)s",
)


def write(tenant_id: str, used: list[UsedHour], start: datetime, end: datetime) -> set[str]:
    """What was used from `start` to `end`, and its sums; the vendors for whom that is news. In platform scope, and a transaction
    that no other has for this tenant."""
    news: set[str] = set()
    with connection.cursor() as cursor:
        if used:
            columns = zip(*map(astuple, used), strict=True)
            cursor.execute(WRITE, [tenant_id, *map(list, columns)])
            news = {str(vendor_id) for (vendor_id,) in cursor.fetchall()}
        cursor.execute(SUM_OF_TENANT, {"tenant_id": tenant_id, "start": start - SUMMED_AGAIN, "end": end})
    return news


def week_of(moment: datetime) -> datetime:
    """The Monday, in UTC, with which its week begins."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


@transaction.atomic
def recount(since: datetime) -> None:
    """Sums of vendors and licenses anew, from the beginning of that week on: what another release wrote without them is then in
    them, too. In platform scope."""
    with connection.cursor() as cursor:
        for statement in RECOUNT:
            cursor.execute(statement, {"since": week_of(since)})


def recount_lately() -> None:
    """Long enough that no worker of the release before a deploy is left since."""
    recount(clock.now() - LATELY)


@transaction.atomic
def forget_before(oldest: datetime) -> int:
    """How many rows have gone. In platform scope."""
    with connection.cursor() as cursor:
        gone = 0
        for statement in FORGET:
            cursor.execute(statement, {"oldest": oldest})
            gone += cursor.rowcount
    return gone
