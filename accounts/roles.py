"""What each role may do: one table, deny by default.

A right is `noun:verb`. Pages and the API ask `may()` and nothing else, so that a person can do the same things by hand and with a
personal token. `sales` and `operator` exist in `public` only, the other roles in tenants' schemas only; each host asks for rights
of its own kind, so a role that strays to another host finds nothing it may do there.
"""

from __future__ import annotations

READING = frozenset({"licenses:read", "keys:read", "costs:read"})
LICENSING = READING | {"licenses:manage", "keys:manage", "audit:read"}

RIGHTS: dict[str, frozenset[str]] = {
    "owner": LICENSING | {"costs:manage", "users:read", "users:manage"},
    "license_admin": LICENSING | {"users:read"},
    "finance": READING | {"costs:manage"},
    "viewer": frozenset({"licenses:read", "keys:read"}),
    "sales": frozenset({"portal:read", "portal:manage"}),
    "operator": frozenset({"platform:read", "platform:manage"}),
}


def rights_of(role: str) -> frozenset[str]:
    """All that the role may do; nothing for a role that nobody wrote down."""
    return RIGHTS.get(role, frozenset())


def may(role: str, right: str) -> bool:
    """Whether the role has the right; False for a role or a right that nobody wrote down."""
    return right in rights_of(role)
