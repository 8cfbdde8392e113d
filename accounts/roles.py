"""What each role may do: one table, deny by default.

A right is `noun:verb`. Each page and endpoint says which right it needs where it is written (`@needs("keys:manage")`,
`rights = {"GET": "keys:read"}`); one that says nothing lets nobody in, and a test walks every address with every role. Pages, the
API and personal tokens ask `may()` and nothing else. Each kind of host has roles and rights of its own, so a role that strays to
another host finds nothing it may do there.
"""

from __future__ import annotations

OWN = frozenset({"account:manage"})  # everybody's own password, sessions, tokens

READING = OWN | {"licenses:read", "keys:read", "certificates:read", "applications:read", "costs:read"}
LICENSING = READING | {
    "licenses:manage",
    "keys:manage",
    "certificates:manage",
    "applications:manage",
    "audit:read",
    "alerts:read",
    "alerts:manage",
}
TENANT: dict[str, frozenset[str]] = {
    "owner": LICENSING | {"costs:manage", "users:read", "users:manage"},
    "license_admin": LICENSING | {"users:read"},
    "finance": READING | {"costs:manage"},
    "viewer": OWN | {"licenses:read", "keys:read", "certificates:read", "applications:read"},
}

# portal: the dashboard, the settings, the audit log; contracts: licenses sold, customers, products; integrations: keys and
# webhooks.
LOOKING = OWN | {"portal:read", "contracts:read"}
VENDOR: dict[str, frozenset[str]] = {
    "vendor_owner": LOOKING
    | {"portal:manage", "portal:audit", "contracts:manage", "revenue:read", "integrations:manage"}
    | {"team:read", "team:manage"},
    "sales": LOOKING | {"contracts:manage", "revenue:read", "team:read"},
    "vendor_finance": LOOKING | {"revenue:read", "team:read"},
    "vendor_viewer": LOOKING,
}

PLATFORM: dict[str, frozenset[str]] = {"operator": OWN | {"platform:read", "platform:manage"}}

RIGHTS = TENANT | VENDOR | PLATFORM
OWNERS = frozenset({"owner", "vendor_owner"})  # who may invite others: there is always one
# Whoever lacks the right of a host can't sign in there.
ENTRY = {"tenant": "licenses:read", "vendors": "portal:read", "apex": "platform:read"}


def rights_of(role: str) -> frozenset[str]:
    """All that the role may do; nothing for a role that nobody wrote down."""
    return RIGHTS.get(role, frozenset())


def may(role: str, right: str) -> bool:
    """Whether the role has the right; False for a role or a right that nobody wrote down."""
    return right in rights_of(role)
