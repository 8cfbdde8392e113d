"""What each role may do: one table, deny by default.

A right is `noun:verb`. Pages and the API ask `may()` and nothing else, so that a person can do the same things by hand and with a
personal token. `sales` and `operator` exist in `public` only, the other roles in tenants' schemas only; each host asks for rights
of its own kind, so a role that strays to another host finds nothing it may do there.
"""

from __future__ import annotations

from accounts.models import Role

READING = frozenset({"licenses:read", "keys:read", "costs:read"})
LICENSING = READING | {"licenses:manage", "keys:manage", "audit:read"}

RIGHTS: dict[str, frozenset[str]] = {
    Role.OWNER: LICENSING | {"costs:manage", "users:read", "users:manage"},
    Role.LICENSE_ADMIN: LICENSING | {"users:read"},
    Role.FINANCE: READING | {"costs:manage"},
    Role.VIEWER: frozenset({"licenses:read", "keys:read"}),
    Role.SALES: frozenset({"portal:read", "portal:manage"}),
    Role.OPERATOR: frozenset({"platform:read", "platform:manage"}),
}


def may(role: str, right: str) -> bool:
    """Whether the role has the right; False for a role or a right that nobody wrote down."""
    return right in RIGHTS.get(role, frozenset())
