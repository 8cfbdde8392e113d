"""What a vendor says of itself and how it likes things done: name, contact, support address, colour, provisioning by itself.

The vendors' role may only read its row, for an operator's word (its standing) is in it too; so these stories write what a vendor
may change, and nothing else, in platform scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, gettext_noop
from tenants.context import platform
from vendors import queries, terms
from vendors.branding import faults_of_color
from vendors.models import Vendor
from vendors.renaming import RENAMED

CHANGEABLE = ("name", "email", "support_email", "brand_color", "auto_provisioning")


@transaction.atomic
def change(actor: Actor, vendor_id: str, changes: Mapping[str, Any]) -> Vendor:
    """Of `CHANGEABLE`, only what is named; customers' tenants hear of another name (renaming.py).

    In the vendor's scope. Raises `NotFound`, `InvalidInput`.
    """
    terms.refuse(*_faults(changes))
    with platform():
        vendor = queries.vendor_for_update(vendor_id)
        other = {
            name: changes[name] for name in CHANGEABLE if name in changes and changes[name] != getattr(vendor, name)
        }
        for name, value in other.items():
            setattr(vendor, name, value)
        if other:
            vendor.save(update_fields=list(other))
    if other:
        events.record(
            "vendor.profile_changed", actor=actor, subject=("vendor", vendor_id), announce=False, changed=sorted(other)
        )
    if "name" in other:
        events.record(RENAMED, actor=actor, subject=("vendor", vendor_id), vendor_id=vendor_id, name=vendor.name)
    return vendor


def _faults(changes: Mapping[str, Any]) -> list[FieldError]:
    missing = [
        FieldError(name, "required", gettext_noop("Must not be empty."))
        for name in ("name", "email")
        if changes.get(name) == ""
    ]
    return [*missing, *faults_of_color(changes.get("brand_color", ""))]
