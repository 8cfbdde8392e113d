"""The next keys that an owner signs with: a vendor its packages, a tenant its leases.

The former ones stay in the published set and go on verifying what they have signed; nothing is signed anew.
"""

from __future__ import annotations

from django.db import transaction

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.rotation import resealing
from keys import signing
from tenants.models import Tenant


def rotate(owner: str, *, actor: Actor) -> list[str]:
    """The ids of the new keys, one of each sort that the owner signs with. In platform scope. Raises `NotFound`."""
    kind, _, name = owner.partition(":")
    if kind == "tenant" and not Tenant.objects.filter(id=name, is_provisioned=True).exists():
        raise NotFound(f"There is no tenant {name!r}.")
    with resealing.scope_of(owner), transaction.atomic():
        kids = [signing.rotate(name, algorithm) for algorithm in signing.algorithms_of(name)]
        if not kids:
            raise NotFound(f"{owner!r} signs with no key.")
        vendor_id = name if kind == "vendor" else ""
        events.record(
            "signing_key.rotated", actor=actor, subject=("signing_key", owner), vendor_id=vendor_id, kids=kids
        )
    return kids
