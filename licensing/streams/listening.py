"""May they still listen? A stream outlives the look at its caller, so whoever listens is looked at again and again.

Sessions end, tokens and keys are revoked, roles change, tenants are suspended: then the stream ends, and its client comes back as
whatever it is by then. One look is two or three queries for all listeners of a tenant or vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import close_old_connections

from accounts import signed_in, tokens
from cloudlicenses.web.wakeups import OF_VENDOR
from keys import queries
from licensing.streams.stream import Caller
from tenants.context import inside, platform
from tenants.models import Tenant

RIGHT_AT_TENANTS, RIGHT_AT_VENDORS = "licenses:read", "portal:read"
SEEN_AT_TENANTS = {"costs": "costs:read", "alerts": "alerts:read"}  # what needs a right of its own to be told
SEEN_AT_VENDORS = {
    "usage": "contracts:read", "license": "contracts:read", "customer": "contracts:read", "product": "contracts:read",
    "bill": "revenue:read", "key": "integrations:manage", "webhook": "integrations:manage", "delivery": "integrations:manage",
}  # fmt: skip


def no_longer(audience: str, callers: Iterable[Caller]) -> set[Caller]:
    """Of those who listen there, the ones who may not any more, or may see more or less than before."""
    close_old_connections()
    if audience.startswith(OF_VENDOR):
        return _no_longer_at_vendor(audience.removeprefix(OF_VENDOR), set(callers))
    return _no_longer_at_tenant(audience, set(callers))


def _no_longer_at_vendor(vendor_id: str, callers: set[Caller]) -> set[Caller]:
    """Its people, signed in; a suspended vendor's may look."""
    with platform():
        rights = signed_in.rights_of_sessions([caller.proof for caller in callers], vendor_id)
    return {
        caller
        for caller in callers
        if not _may(rights.get(caller.proof, frozenset()), RIGHT_AT_VENDORS, SEEN_AT_VENDORS, caller)
    }


def _no_longer_at_tenant(tenant_id: str, callers: set[Caller]) -> set[Caller]:
    by_kind: dict[str, dict[str, list[Caller]]] = {"session": {}, "token": {}, "key": {}}
    for caller in callers:
        by_kind[caller.kind].setdefault(caller.proof, []).append(caller)
    with inside(tenant_id):
        if not Tenant.objects.filter(pk=tenant_id, status=Tenant.Status.ACTIVE).exists():
            return callers
        rights = {
            **signed_in.rights_of_sessions(list(by_kind["session"])),
            **tokens.rights_of(list(by_kind["token"])),
        }
        usable_keys = queries.usable_ids(list(by_kind["key"]))
    people = {**by_kind["session"], **by_kind["token"]}
    gone = {
        caller
        for proof, those in people.items()
        for caller in those
        if not _may(rights.get(proof, frozenset()), RIGHT_AT_TENANTS, SEEN_AT_TENANTS, caller)
    }
    return gone | {caller for proof, those in by_kind["key"].items() if proof not in usable_keys for caller in those}


def _may(rights: frozenset[str], needed: str, seen_with: Mapping[str, str], caller: Caller) -> bool:
    return needed in rights and caller.sight.sees == {what for what, right in seen_with.items() if right in rights}
