"""What an amendment would do, before it is made: to the seats in use at this moment, and to the bill.

Nothing is written. The same rules refuse here that would refuse the amendment itself.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from cloudlicenses.kit import clock, money, months
from vendors import customer_side, lifecycle, queries, terms
from vendors.models import IssuedLicense, UsageHour
from vendors.quotes import Quote, quote_of
from vendors.refusals import LicenseRevoked


@dataclass(frozen=True, slots=True)
class Preview:
    """`changes`: each changed term, before and after. `overage_last_month`: checkouts of the last full month."""

    license: IssuedLicense
    changes: dict[str, tuple[Any, Any]]
    before: Quote
    after: Quote
    seats: customer_side.SeatsInUse
    overage_last_month: int
    total_licenses: int
    commit_qty: int
    max_overage: int

    @property
    def seats_too_many(self) -> int:
        """In use now and more than the new terms allow: they stay, and nobody gets a new one until so many are back."""
        return max(0, self.seats.all - self.total_licenses, self.seats.overage - self.max_overage)

    @property
    def last_month_before(self) -> Decimal:
        return money.rounded(self.before.commit_fee_monthly + self.before.overage_per_use * self.overage_last_month)

    @property
    def last_month_after(self) -> Decimal:
        """Last month's checkouts at the new prices; that other quantities make more or fewer of them overage is not in it."""
        return money.rounded(self.after.commit_fee_monthly + self.after.overage_per_use * self.overage_last_month)


def preview(vendor_id: str, license_id: str, amendment: lifecycle.Amendment) -> Preview:
    """In the vendor's scope. Raises `NotFound`, `InvalidInput`, `LicenseRevoked`."""
    license = queries.license_for(vendor_id, license_id)
    if license.status == IssuedLicense.Status.REVOKED:
        raise LicenseRevoked
    terms.refuse(*lifecycle.faults_of_amendment(license, amendment))
    amended = copy(license)
    for name, value in amendment.changes.items():
        setattr(amended, name, value)
    pairs = {name: (getattr(license, name), value) for name, value in amendment.changes.items()}
    return Preview(
        license=license,
        changes={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        before=quote_of(license),
        after=quote_of(amended),
        seats=customer_side.seats_in_use(license),
        overage_last_month=_overage_last_month(license),
        total_licenses=amended.total_licenses,
        commit_qty=amended.commit_qty,
        max_overage=amended.max_overage,
    )


def _overage_last_month(license: IssuedLicense) -> int:
    first, after = _last_month()
    hours = UsageHour.objects.filter(license_id=license.id, hour__gte=first, hour__lt=after)
    return int(hours.aggregate(sum=Sum("overage_checkouts"))["sum"] or 0)


def _last_month() -> tuple[datetime, datetime]:
    this = months.month_of(clock.now())
    return months.start_of(months.preceding(this)), months.start_of(this)
