"""Contracts whose last day is over: they renew themselves or expire. Due is what the calendar says, whenever somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import structlog
from django.db.models import Q

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import acting_for
from vendors import lifecycle
from vendors.models import IssuedLicense

AT_ONCE = 1000

log = structlog.get_logger("renewing")


def renew_what_is_over() -> int:
    """Each license in a transaction of its own; how many were looked at. Repeatable; in platform scope.

    One that fails is logged, holds up no other, and has its turn again the next time. Checkouts don't wait for this: a license
    that renews itself is never refused as over.
    """
    count = 0
    for vendor_id, license_id in _over():
        _roll_forward(vendor_id, license_id)
        count += 1
    return count


def _roll_forward(vendor_id: str, license_id: str) -> None:
    try:
        with acting_for(vendor_id):
            lifecycle.roll_forward(SYSTEM, vendor_id, license_id)
    except Exception as error:  # of whatever kind
        log.error("a contract neither renewed itself nor ended", license=license_id, exc_info=error)


def _over() -> Iterator[tuple[str, str]]:
    """Vendor and id of each license that is due, a batch at a time: at the end of a year thousands are."""
    over = IssuedLicense.objects.filter(end_date__lt=clock.today()).filter(
        Q(auto_renew=True) & ~Q(status=IssuedLicense.Status.REVOKED)
        | Q(auto_renew=False, status=IssuedLicense.Status.PROVISIONED)
    )
    in_order = over.order_by("end_date", "id").values_list("end_date", "id", "vendor_id")
    last, last_id = date.min, ""
    while batch := list(in_order.filter(Q(end_date__gt=last) | Q(end_date=last, id__gt=last_id))[:AT_ONCE]):
        yield from ((vendor_id, license_id) for _, license_id, vendor_id in batch)
        last, last_id, _ = batch[-1]
