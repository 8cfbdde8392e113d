"""A new vendor: its row, keys to sign packages with, a first API key, and an invitation for the person who will manage it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from accounts import invitations
from accounts.models import Role
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, gettext_noop
from keys import issuing, signing
from vendors.models import Vendor
from vendors.refusals import VendorTaken

VENDOR_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
FIRST_KEY = "First key"


@dataclass(frozen=True, slots=True)
class Created:
    """The vendor and, this once, the text of its first key."""

    vendor: Vendor
    api_key: str = field(repr=False)


@transaction.atomic
def create_vendor(actor: Actor, *, id: str, name: str, email: str) -> Created:
    """In platform scope. Raises `InvalidInput`, `VendorTaken`, `PersonExists` (the address belongs to somebody else here)."""
    if not VENDOR_ID.fullmatch(id):
        message = gettext_noop("Must be 3 to 40 characters of a-z, 0-9 and hyphens, with no hyphen first or last.")
        raise InvalidInput(errors=[FieldError("id", "invalid", message)])
    vendor = _claim(id, name=name, email=email)
    signing.ensure_signing_keys(id, (signing.EDDSA, signing.ML_DSA_65))
    key = issuing.issue(actor, owner=id, app_name=FIRST_KEY, app_type="cloud_service", scopes=issuing.VENDOR_SCOPES)
    invitations.invite(email=email, name=name, role=Role.VENDOR_OWNER, vendor_id=id, actor=actor)
    events.record("vendor.created", actor=actor, subject=("vendor", id), vendor_id=id, name=name, email=email)
    return Created(vendor=vendor, api_key=key.text)


def _claim(id: str, *, name: str, email: str) -> Vendor:
    vendor = Vendor(id=id, name=name, email=email, created_at=clock.now())
    try:
        with transaction.atomic():
            vendor.save(force_insert=True)
    except IntegrityError:
        raise VendorTaken from None
    return vendor
