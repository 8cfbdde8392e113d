"""The names of database roles and schemas, made in one place.

Roles are shared by all databases of a server, so each name starts with a mark of our database. A tenant id is checked before
it becomes part of a name: 3–40 characters of a–z, 0–9 and inner hyphens (tenants.names).
"""

from __future__ import annotations

import re

from django.conf import settings

TENANT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9]")
SCHEMA_PREFIX = "tenant_"


def schema_of(tenant_id: str) -> str:
    """`tenant_mercedes`. Raises ValueError for what can't be a tenant id."""
    return SCHEMA_PREFIX + _checked(tenant_id)


def tenant_role(tenant_id: str) -> str:
    """The role whose only rights are its tenant's."""
    return tenant_role_prefix() + _checked(tenant_id)


def tenant_role_prefix() -> str:
    return f"{settings.DATABASE_ROLE_PREFIX}_t_"


def login_role() -> str:
    """Signs in for every request and job; owns nothing."""
    return settings.DATABASE_LOGIN["USER"]


def tenants_group() -> str:
    """Every tenant's role is a member: it carries what all tenants may do in `public`."""
    return f"{settings.DATABASE_ROLE_PREFIX}_tenants"


def vendor_role() -> str:
    """What vendors' requests run under; the setting `cloudlicenses.vendor` says which vendor."""
    return f"{settings.DATABASE_ROLE_PREFIX}_vendor"


def _checked(tenant_id: str) -> str:
    if not TENANT_ID.fullmatch(tenant_id):
        raise ValueError(f"not a tenant id: {tenant_id!r}")
    return tenant_id
