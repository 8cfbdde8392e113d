"""What the database says of one tenant, in the model's words, and what is wrong in it by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from cloudlicenses.kit import clock, months
from licensing.models import Denial as DenialRow
from licensing.models import Lease, License
from tenants.context import inside, platform
from tests.races.asking import TENANT
from tests.races.model import Denial, Line

LEDGER = """
    SELECT entry, at, license_id, kind, amount, product_id, vendor_id, currency FROM billing_usagerecord
    WHERE tenant_id = %s AND kind <> 'commit_fee' AND at BETWEEN %s AND %s ORDER BY at, entry
"""


@dataclass(frozen=True)
class Books:
    licenses: list[License]
    leases: list[Lease]
    denials: list[Denial]
    ledger: list[Line]
    billed_to: dict[str, tuple[str, str, str]]  # by ledger entry: product, vendor, currency

    def lapsed(self) -> list[Lease]:
        """Over, but not swept up yet."""
        now = clock.now()
        return [lease for lease in self.leases if lease.ended_at is None and lease.expires_at <= now]

    def faults(self) -> list[str]:
        """Sentences about what contradicts itself; none if the books are right."""
        return [
            *self._faults_of_counters(),
            *self._faults_of_ledger(),
            *self._faults_of_leases(),
            *self._faults_of_spending(),
        ]

    def _faults_of_counters(self) -> list[str]:
        held = Counter((lease.license_id, lease.lease_type) for lease in self.leases if lease.ended_at is None)
        return [
            f"{one.id} counts {counted} {kind} seats, {held[one.id, kind]} are held"
            for one in self.licenses
            for kind, counted in (("commit", one.commit_in_use), ("overage", one.overage_in_use))
            if counted != held[one.id, kind]
        ]

    def _faults_of_ledger(self) -> list[str]:
        """Each lease once, at its price and instant; nothing else."""
        granted = Counter(
            Line(lease.id, lease.issued_at, lease.license_id, lease.lease_type, lease.cost) for lease in self.leases
        )
        written = Counter(self.ledger)
        billed = {one.id: (one.product_id, one.vendor_id, one.currency) for one in self.licenses}
        return [
            *(f"not in the ledger: {line}" for line in (granted - written).elements()),
            *(f"in the ledger without a lease: {line}" for line in (written - granted).elements()),
            *(
                f"billed wrongly: {line}"
                for line in self.ledger
                if billed[line.license_id] != self.billed_to[line.lease_id]
            ),
        ]

    def _faults_of_leases(self) -> list[str]:
        return [
            *(
                f"a commit seat that costs {one.cost}: {one.id}"
                for one in self.leases
                if one.lease_type == "commit" and one.cost
            ),
            *(
                f"{one.id} ended before it began"
                for one in self.leases
                if one.ended_at and one.ended_at < one.issued_at
            ),
        ]

    def _faults_of_spending(self) -> list[str]:
        found = []
        for one in self.licenses:
            month = one.spent_month or months.month_of(clock.now())
            owed = sum(
                (
                    line.amount
                    for line in self.ledger
                    if line.license_id == one.id and months.month_of(line.at) == month
                ),
                Decimal(0),
            )
            if one.spent != owed:
                found.append(f"{one.id} has spent {one.spent} in {month}, the ledger says {owed}")
        return found

    def oversold(self) -> list[str]:
        """Replays every instant: seats taken and given back, against terms that never changed and were never over the total."""
        moments = [(lease.issued_at, 1, lease) for lease in self.leases]
        moments += [(lease.ended_at, -1, lease) for lease in self.leases if lease.ended_at]
        limits = {
            (one.id, kind): n
            for one in self.licenses
            for kind, n in (("commit", one.commit_qty), ("overage", one.max_overage))
        }
        in_use: Counter[tuple[str, str]] = Counter()
        found = []
        for at, change, lease in sorted(moments, key=lambda moment: moment[:2]):
            seat = (lease.license_id, lease.lease_type)
            in_use[seat] += change
            if in_use[seat] > limits[seat]:
                found.append(f"{in_use[seat]} {seat[1]} seats of {seat[0]} at {at}, {limits[seat]} were sold")
        return found


def read(since: datetime) -> Books:
    """Of a tenant that was empty before `since`: so only the ledger's months since then are opened."""
    with inside(TENANT):
        licenses = list(License.objects.order_by("id"))
        leases = list(Lease.objects.order_by("issued_at", "id"))
        denials = [
            Denial(*row)
            for row in DenialRow.objects.order_by("id").values_list("at", "code", "license_id", "available_at")
        ]
    with platform(), connection.cursor() as cursor:
        cursor.execute(LEDGER, [TENANT, since, clock.now()])
        rows = cursor.fetchall()
    return Books(licenses, leases, denials, [Line(*row[:5]) for row in rows], {row[0]: row[5:] for row in rows})
