"""May they still listen? A stream outlives the look at its caller, so whoever listens is looked at again and again.

Sessions end, tokens and keys are revoked, roles change, tenants are suspended: then the stream ends, and its client comes back as
whatever it is by then.
One look is two or three queries for all listeners of a tenant.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import close_old_connections

from accounts import signed_in, tokens
from keys import queries
from licensing.streams.stream import Caller
from tenants.context import inside
from tenants.models import Tenant

RIGHT, COSTS_RIGHT, ALERTS_RIGHT = "licenses:read", "costs:read", "alerts:read"


def no_longer(tenant_id: str, callers: Iterable[Caller]) -> set[Caller]:
    """Those of the tenant's listeners who may not listen any more, or may see more or less than before."""
    close_old_connections()
    callers = set(callers)
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
        if not _may(rights.get(proof, frozenset()), caller)
    }
    return gone | {caller for proof, those in by_kind["key"].items() if proof not in usable_keys for caller in those}


def _may(rights: frozenset[str], caller: Caller) -> bool:
    seen = COSTS_RIGHT in rights, ALERTS_RIGHT in rights
    return RIGHT in rights and seen == (caller.sight.costs, caller.sight.alerts)
