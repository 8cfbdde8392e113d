"""A vendor's new name, brought to the tenants that have its licenses: their pages, searches and bills call it as it is called.

Two steps of listening. The vendor's own entry is passed on to each of its customers' tenants, as an entry in their audit logs;
each of these changes its tenant's rows in a transaction of its own, so that no checkout waits for other tenants'. The name is the
one of the moment, not the entry's: entries that come twice, or late, do no harm.
"""

from __future__ import annotations

from audit import events
from audit.delivery import Event
from cloudlicenses.kit.actor import Actor
from licensing import grants
from tenants.context import inside
from tenants.models import Tenant
from vendors import queries
from vendors.models import IssuedLicense

RENAMED = "vendor.renamed"


def tell_customers(event: Event) -> None:
    """On the vendor's own `vendor.renamed`: every tenant with a license of it hears."""
    if event.tenant_id:
        return
    vendor = queries.vendor_for(event.vendor_id)
    seen_as = Actor(kind="vendor", id=vendor.id, label=vendor.name, request_id=event.actor.request_id)
    provisioned = IssuedLicense.objects.filter(vendor=vendor, provisioned_at__isnull=False)
    living = Tenant.objects.filter(id__in=provisioned.values("tenant_id"), is_provisioned=True)
    for tenant_id in living.exclude(status=Tenant.Status.DELETED).order_by("id").values_list("id", flat=True):
        with inside(tenant_id):
            events.record(RENAMED, actor=seen_as, subject=("vendor", vendor.id), vendor_id=vendor.id, name=vendor.name)


def rename_in_tenant(event: Event) -> None:
    """On a tenant's `vendor.renamed`: its licenses of this vendor bear the name of today."""
    if not event.tenant_id:
        return
    name = queries.vendor_for(event.vendor_id).name
    with inside(event.tenant_id):
        grants.rename_vendor(event.vendor_id, name)
