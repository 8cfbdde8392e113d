"""Contracts whose last day is over: they renew themselves or expire. Due is what the calendar says, whenever somebody looks."""

from __future__ import annotations

from django.db.models import Q

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import acting_for
from vendors import lifecycle
from vendors.models import IssuedLicense

MOST_AT_ONCE = 1000


def renew_what_is_over() -> int:
    """Each license in a transaction of its own; how many were looked at. Repeatable; in platform scope.

    Whoever falls behind goes on next time: checkouts don't wait for this, a license that renews itself is never refused as over.
    """
    over = IssuedLicense.objects.filter(end_date__lt=clock.today()).filter(
        Q(auto_renew=True) & ~Q(status=IssuedLicense.Status.REVOKED)
        | Q(auto_renew=False, status=IssuedLicense.Status.PROVISIONED)
    )
    due = list(over.order_by("end_date", "id").values_list("vendor_id", "id")[:MOST_AT_ONCE])
    for vendor_id, license_id in due:
        with acting_for(vendor_id):
            lifecycle.roll_forward(SYSTEM, vendor_id, license_id)
    return len(due)
