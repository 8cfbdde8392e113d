"""Many tenants beside the cast, as provisioning leaves them; `committed` takes them away again."""

from __future__ import annotations

from datetime import UTC, datetime

from tenants import isolation, roles, snapshot
from tenants.models import Tenant
from tenants.ownership import owner_connection

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def gathered(number: int) -> list[str]:
    """So many more tenants than there are of the cast; their ids."""
    ids = [f"crowd-{index:02}" for index in range(number)]
    with owner_connection() as owner:
        for name in ids:
            isolation.make_tenant_role(owner, name)
            if snapshot.create_schema(owner, name):
                Tenant.objects.create(
                    id=name, schema_name=roles.schema_of(name), company_name=name, domain=f"{name}.example",
                    crm_id=name, plan="startup", status="active", admin_email=f"admin@{name}.example", created_at=LONG_AGO,
                    verified_at=LONG_AGO, is_provisioned=True,
                )  # fmt: skip
    return ids
