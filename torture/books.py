"""What the database says of one tenant when all is quiet, and what clients were told. Read once, then only looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from audit.models import AuditEntry
from billing.models import UsageRecord
from licensing.models import Denial, Lease, License
from tenants.context import inside, platform

BEGINS = "license.checked_out"
ENDS = ("license.returned", "license.taken_back", "license.revoked", "lease.expired")


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told of one checkout, however often it had to ask. `operation` is its idempotency key."""

    tenant_id: str
    operation: str
    lease_id: str
    license_id: str
    lease_type: str
    cost: str
    returned: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger."""

    entry: str
    at: datetime
    kind: str
    vendor_id: str
    license_id: str
    product_id: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the audit log on a lease's beginning or end."""

    event: str
    at: datetime
    lease_id: str


@dataclass(frozen=True, slots=True)
class Books:
    tenant_id: str
    licenses: dict[str, License]
    leases: dict[str, Lease]
    ledger: list[Line]
    notes: list[Note]
    denials: int


def books_of(tenant_id: str) -> Books:
    """Everything that has to agree, of one tenant."""
    with inside(tenant_id):
        licenses = {license_.id: license_ for license_ in License.objects.all()}
        leases = {lease.id: lease for lease in Lease.objects.order_by("issued_at")}
        notes = [Note(*row) for row in _entries().values_list("event", "at", "subject_id")]
        denials = Denial.objects.count()
    with platform():
        facts = UsageRecord.objects.filter(tenant_id=tenant_id).exclude(kind=UsageRecord.Kind.COMMIT_FEE)
        ledger = [Line(*row) for row in facts.values_list(*Line.__dataclass_fields__)]
    return Books(tenant_id, licenses, leases, ledger, notes, denials)


def told_of(tenant_id: str, told: Iterable[Told]) -> list[Told]:
    return [one for one in told if one.tenant_id == tenant_id]


def _entries() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(event__in=(BEGINS, *ENDS), subject_kind="lease").order_by("at", "id")
