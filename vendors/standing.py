"""Whether a vendor may act here: an operator suspends and resumes. What the vendor has sold goes on working either way."""

from __future__ import annotations

from django.db import transaction

from audit import events
from cloudlicenses.kit.actor import Actor
from vendors import queries
from vendors.models import Vendor


def suspend(actor: Actor, vendor_id: str) -> Vendor:
    """Its keys are refused with `vendor_suspended` from the next request on. Repeatable. Raises `NotFound`."""
    return _change(actor, vendor_id, Vendor.Status.SUSPENDED, "vendor.suspended")


def resume(actor: Actor, vendor_id: str) -> Vendor:
    """As before the suspension. Repeatable. Raises `NotFound`."""
    return _change(actor, vendor_id, Vendor.Status.ACTIVE, "vendor.resumed")


@transaction.atomic
def _change(actor: Actor, vendor_id: str, status: str, event: str) -> Vendor:
    """In platform scope. Of two operators at once, one changes and is recorded."""
    vendor = queries.vendor_for(vendor_id)
    if Vendor.objects.filter(pk=vendor.pk).exclude(status=status).update(status=status):
        vendor.status = status
        events.record(event, actor=actor, subject=("vendor", vendor.pk), vendor_id=vendor.pk)
    return vendor
