"""What a license will cost its customer, before anybody agrees: each month for sure, each overage checkout, and at full overage.

The same rules as the bill's (docs/decisions/0010): a commit fee for every calendar month that the contract overlaps, the price of
overage for each checkout granted beyond the commit. How often a seat is taken nobody can know beforehand, so "at full overage"
means every overage seat taken once; a seat that is taken again is charged again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cloudlicenses.kit import money
from vendors.models import IssuedLicense
from vendors.terms import Contract, Entitlement


@dataclass(frozen=True, slots=True)
class Quote:
    """`overage_once` is every overage seat taken once; `months` is how many commit fees the contract's first term has."""

    currency: str
    commit_fee_monthly: Decimal
    overage_per_use: Decimal
    max_overage: int
    months: int

    @property
    def overage_once(self) -> Decimal:
        return money.rounded(self.overage_per_use * self.max_overage)

    @property
    def month_at_full_overage(self) -> Decimal:
        return self.commit_fee_monthly + self.overage_once

    @property
    def term_fees(self) -> Decimal:
        """What is due over the term if nobody ever takes an overage seat."""
        return self.commit_fee_monthly * self.months


def quote(entitlement: Entitlement, contract: Contract) -> Quote:
    start, end = contract.start_date, contract.end_date
    return Quote(
        currency=entitlement.currency,
        commit_fee_monthly=money.rounded(entitlement.commit_fee_monthly),
        overage_per_use=money.rounded(entitlement.overage_per_use),
        max_overage=entitlement.max_overage,
        months=max(0, (end.year - start.year) * 12 + end.month - start.month + 1),
    )


def quote_of(license: IssuedLicense) -> Quote:
    """At its present terms."""
    entitlement = Entitlement(
        license.total_licenses, license.commit_qty, license.max_overage,
        license.commit_fee_monthly, license.overage_per_use, license.currency,
    )  # fmt: skip
    return quote(entitlement, Contract(license.start_date, license.end_date))
