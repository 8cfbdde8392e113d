"""Licenses with the seats of them that are in use now, as lists show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vendors import insight
from vendors.models import IssuedLicense


@dataclass(frozen=True, slots=True)
class LicenseInUse:
    """`commit` and `overage` split the seats in use as the seat rule does, commit first."""

    license: IssuedLicense
    in_use: int

    @property
    def commit(self) -> int:
        return min(self.in_use, self.license.commit_qty)

    @property
    def overage(self) -> int:
        return self.in_use - self.commit

    @property
    def free(self) -> int:
        return max(0, self.license.total_licenses - self.in_use)


def with_seats(vendor_id: str, licenses: Sequence[IssuedLicense]) -> list[LicenseInUse]:
    """In their order; one query. In the vendor's scope."""
    in_use = insight.in_use_now(vendor_id, [license.id for license in licenses])
    return [LicenseInUse(license, in_use.get(license.id, 0)) for license in licenses]
