"""What must hold of the books whatever happened: asked of the database when all is quiet."""

from __future__ import annotations

from django.db import connection

from licensing.models import Lease, License
from tenants.context import inside, platform


def faults_of(tenant_id: str) -> list[str]:
    """Sentences about what is wrong; none if the books are right."""
    with inside(tenant_id):
        licenses = {license_.id: license_ for license_ in License.objects.all()}
        leases = list(Lease.objects.order_by("issued_at"))
    return [
        *_faults_of_counters(licenses, leases),
        *_faults_of_history(licenses, leases),
        *_faults_of_ledger(tenant_id, leases),
    ]


def _faults_of_counters(licenses: dict[str, License], leases: list[Lease]) -> list[str]:
    found = []
    for license_ in licenses.values():
        held = [lease.lease_type for lease in leases if lease.license_id == license_.id and lease.ended_at is None]
        counted = (license_.commit_in_use, license_.overage_in_use)
        if counted != (held.count("commit"), held.count("overage")):
            found.append(f"{license_.id}: counted {counted}, held {held.count('commit')} and {held.count('overage')}")
    return found


def _faults_of_history(licenses: dict[str, License], leases: list[Lease]) -> list[str]:
    """Replays every instant: a seat is taken when its lease begins and free again when it ends."""
    found = []
    moments = [(lease.issued_at, 1, lease) for lease in leases] + [
        (lease.ended_at, -1, lease) for lease in leases if lease.ended_at
    ]
    in_use: dict[tuple[str, str], int] = {}
    for at, change, lease in sorted(moments, key=lambda moment: (moment[0], moment[1])):
        kind = (lease.license_id, lease.lease_type)
        in_use[kind] = in_use.get(kind, 0) + change
        license_ = licenses[lease.license_id]
        limit = license_.commit_qty if lease.lease_type == "commit" else license_.max_overage
        if in_use[kind] > limit:
            found.append(f"{lease.license_id}: {in_use[kind]} {lease.lease_type} seats of {limit} at {at}")
    return found


def _faults_of_ledger(tenant_id: str, leases: list[Lease]) -> list[str]:
    with platform(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry, kind, amount FROM billing_usagerecord WHERE tenant_id = %s AND kind <> 'commit_fee'",
            [tenant_id],
        )
        written = cursor.fetchall()
    granted = [(lease.id, lease.lease_type, lease.cost) for lease in leases]
    return (
        []
        if sorted(written) == sorted(granted)
        else [f"{len(written)} ledger lines for {len(granted)} leases, or other ones"]
    )
