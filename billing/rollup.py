"""Closing a month: the ledger rolled up into statement lines, invoices made from them, webhooks put on their way.

Repeatable: closing again gives the same lines, and sends nothing unless a number has changed. Two closings of one month wait
for each other at its row. A month that is not over can be closed too; that is an interim statement, and it is closed again
by itself when the month has been over for `GRACE`. Then it is final: what comes later still is rolled up when asked for, but no
more fees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Min

from audit import events
from billing import invoicing, ledger
from billing.models import ClosedMonth, Invoice
from billing.refusals import MonthNotBegun
from cloudlicenses.kit import clock, months
from cloudlicenses.kit.actor import SYSTEM, Actor
from tenants.context import platform
from vendors.models import IssuedLicense

# A lease stamped in the last instant of a month may be committed a moment later, and would be missing from what is final.
GRACE = timedelta(minutes=10)

# Two statements, for the first one is where the time goes, and PostgreSQL spreads over several processes only what writes nothing.
COUNT = """
    SELECT license_id, kind, amount, currency, any_value(vendor_id), any_value(tenant_id), any_value(product_id),
           count(*), max(seats), amount * count(*)
      FROM billing_usagerecord
     WHERE at >= %(start)s AND at < %(end)s
     GROUP BY license_id, kind, amount, currency
"""

# The ledger only grows: a line once there is there for good, and what is left to do is to add and to raise.
WRITE = """
    INSERT INTO billing_statementline AS line
        (month, license_id, kind, unit_price, currency, vendor_id, tenant_id, product_id, quantity, seats, amount)
    SELECT %s, counted.*
      FROM unnest(%s::text[], %s::text[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[],
                  %s::bigint[], %s::integer[], %s::numeric[]) AS counted
        ON CONFLICT ON CONSTRAINT one_statement_line DO UPDATE
       SET quantity = excluded.quantity, seats = excluded.seats, amount = excluded.amount
     WHERE (line.quantity, line.seats, line.amount) IS DISTINCT FROM (excluded.quantity, excluded.seats, excluded.amount)
"""
# What charts of a vendor read of a month: its lines, added up. A sum once there is there for good, as lines are.
ADD_UP = """
    INSERT INTO billing_vendormonth AS known
        (vendor_id, month, currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee)
    SELECT vendor_id, month, currency,
           coalesce(sum(quantity) FILTER (WHERE kind = 'commit'), 0),
           coalesce(sum(quantity) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0)
      FROM billing_statementline
     WHERE month = %s
     GROUP BY vendor_id, month, currency
        ON CONFLICT (vendor_id, month, currency) DO UPDATE
       SET commit_checkouts = excluded.commit_checkouts, overage_checkouts = excluded.overage_checkouts,
           overage_cost = excluded.overage_cost, commit_fee = excluded.commit_fee
"""
AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Closing:
    """What a closing did. `changed_lines` is 0 and `invoices` empty when everything was as before."""

    month: date
    is_final: bool
    changed_lines: int
    invoices: tuple[Invoice, ...]


def close_month(month: date, *, actor: Actor = SYSTEM) -> Closing:
    """Bring the month's statement lines and invoices up to the ledger; refuses with `MonthNotBegun`."""
    month = months.month_of(month)
    if months.start_of(month) > clock.now():
        raise MonthNotBegun
    with platform(), transaction.atomic():
        closed, now = _lock(month), clock.now()  # the month may end while this counts
        ledger.ensure_commit_fees(month, month)
        changed = _roll_up(month)
        invoices = invoicing.issue(month)
        closed.closed_at, closed.is_final = now, now - GRACE >= months.start_of(months.following(month))
        closed.save(update_fields=["closed_at", "is_final"])
        closing = Closing(month=month, is_final=closed.is_final, changed_lines=changed, invoices=tuple(invoices))
        _record(closing, actor)
    return closing


def close_what_is_over() -> list[Closing]:
    """Close every month that is over and was not closed since; what a job calls as often as it likes."""
    with platform():
        waiting = _open_months()
    return [close_month(month) for month in waiting]


def _open_months() -> list[date]:
    """Those that are over and not closed for good, from that of the oldest fact on; of those between closed ones too."""
    oldest = IssuedLicense.objects.aggregate(at=Min("provisioned_at"))["at"]
    if oldest is None:
        return []
    closed = set(ClosedMonth.objects.filter(is_final=True).values_list("month", flat=True))
    month, present, found = months.month_of(oldest), months.month_of(clock.now() - GRACE), []
    while month < present:
        found += [month] if month not in closed else []
        month = months.following(month)
    return found


def _lock(month: date) -> ClosedMonth:
    ClosedMonth.objects.bulk_create([ClosedMonth(month=month)], ignore_conflicts=True)
    return ClosedMonth.objects.select_for_update().get(month=month)


def _roll_up(month: date) -> int:
    """How many lines are new or other than before."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"start": months.start_of(month), "end": months.start_of(months.following(month))})
        counted, changed = cursor.fetchall(), 0
        for start in range(0, len(counted), AT_ONCE):
            columns = zip(*counted[start : start + AT_ONCE], strict=True)
            cursor.execute(WRITE, [month, *map(list, columns)])
            changed += cursor.rowcount
        cursor.execute(ADD_UP, [month])
    return changed


def _record(closing: Closing, actor: Actor) -> None:
    events.record(
        "month.closed",
        actor=actor,
        subject=("month", months.label(closing.month)),
        is_final=closing.is_final,
        changed_lines=closing.changed_lines,
        invoices=[invoice.id for invoice in closing.invoices],
    )
