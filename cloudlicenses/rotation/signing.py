"""The next keys that somebody or something signs with. The former ones stay in the published set and go on verifying what they
have signed; nothing is signed anew.

    vendor:vector-de      its packages (both algorithms)        log:tenant/mercedes   the heads of a tenant's audit log
    tenant:mercedes       its leases                            log:vendor/vector-de  of a vendor's
    bill:vector-de        the heads of a vendor's bills         log:platform          of the platform's
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from audit import events, sealing, trees
from audit import signing as of_logs
from billing.models import SealedCharges
from billing.sealing import keys_of
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.rotation import resealing
from keys import signing
from tenants.context import Scope, inside, platform
from tenants.models import Tenant
from vendors.models import Vendor


def rotate(owner: str, *, actor: Actor) -> list[str]:
    """The ids of the new keys, one of each sort that is signed with. In platform scope. Raises `NotFound`."""
    kind, _, name = owner.partition(":")
    if kind == "log":
        return [_rotate_log(name, actor)]
    return [_rotate_bills(name, actor)] if kind == "bill" else _rotate_own(owner, actor)


def _rotate_own(owner: str, actor: Actor) -> list[str]:
    kind, _, name = owner.partition(":")
    if kind == "tenant":
        _refuse_unless_there(name)
    with resealing.scope_of(owner), transaction.atomic():
        kids = [signing.rotate(name, algorithm) for algorithm in signing.algorithms_of(name)]
        if not kids:
            raise NotFound(f"{owner!r} signs with no key.")
        _record(owner, kids, actor, vendor_id=name if kind == "vendor" else "")
    return kids


def _rotate_log(log: str, actor: Actor) -> str:
    """It is recorded in the log itself, and sealed there with the new key."""
    kind, _, name = log.partition("/")
    with _scope_of_log(kind, name, log), transaction.atomic():
        head = trees.newest_head(log)
        kid = of_logs.rotate(log, head.at if head else None).kid
        _record(f"log:{log}", [kid], actor, vendor_id=name if kind == "vendor" else "")
    return kid


def _rotate_bills(vendor_id: str, actor: Actor) -> str:
    _refuse_unless_sells(vendor_id)
    with transaction.atomic():
        kid = of_logs.rotate(keys_of(vendor_id), _newest_of_bills(vendor_id)).kid
        _record(f"bill:{vendor_id}", [kid], actor, vendor_id=vendor_id)
    return kid


def _newest_of_bills(vendor_id: str) -> datetime | None:
    newest: datetime | None = SealedCharges.objects.filter(vendor_id=vendor_id).aggregate(at=Max("at"))["at"]
    return newest


def _scope_of_log(kind: str, name: str, log: str) -> AbstractContextManager[Scope]:
    if kind == "tenant":
        _refuse_unless_there(name)
        return inside(name)
    if kind == "vendor":
        _refuse_unless_sells(name)
    elif log != sealing.PLATFORM_LOG:
        raise NotFound(f"There is no log {log!r}.")
    return platform()


def _refuse_unless_there(tenant_id: str) -> None:
    if not Tenant.objects.filter(id=tenant_id, is_provisioned=True).exists():
        raise NotFound(f"There is no tenant {tenant_id!r}.")


def _refuse_unless_sells(vendor_id: str) -> None:
    if not Vendor.objects.filter(id=vendor_id).exists():
        raise NotFound(f"There is no vendor {vendor_id!r}.")


def _record(owner: str, kids: list[str], actor: Actor, *, vendor_id: str) -> None:
    events.record("signing_key.rotated", actor=actor, subject=("signing_key", owner), vendor_id=vendor_id, kids=kids)
