"""The customer's half of a change: from the vendor's record into the tenant's schema, in the same transaction.

What crosses over are the terms and the vendor's name. The vendor's keys, people and addresses stay on its own side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from cloudlicenses.kit import months
from cloudlicenses.kit.actor import Actor
from licensing import grants
from licensing.queries import seats_held
from tenants.context import inside
from vendors import queries
from vendors.models import IssuedLicense

Change = Callable[[Actor, grants.Terms], None]


def carry_over(change: Change, license: IssuedLicense, actor: Actor) -> None:
    """Apply one of `licensing.grants`' changes in the tenant, if the license has been provisioned and the tenant lives."""
    if license.provisioned_at is not None and queries.has_living_tenant(license):
        put(change, license, actor)


@dataclass(frozen=True, slots=True)
class SeatsInUse:
    """At this moment, and no word about by whom."""

    commit: int = 0
    overage: int = 0

    @property
    def all(self) -> int:
        return self.commit + self.overage


def seats_in_use(license: IssuedLicense) -> SeatsInUse:
    """Counted in the customer's schema; none for a license that has not arrived there."""
    if license.provisioned_at is None or not queries.has_living_tenant(license):
        return SeatsInUse()
    with inside(license.tenant_id):
        held, overage = seats_held(license.id)
    return SeatsInUse(held - overage, overage)


def put(change: Change, license: IssuedLicense, actor: Actor) -> None:
    terms, vendor = terms_of(license), as_seen_by_customer(license, actor)
    with inside(license.tenant_id):
        change(vendor, terms)


def as_seen_by_customer(license: IssuedLicense, actor: Actor) -> Actor:
    return Actor(kind="vendor", id=license.vendor_id, label=license.vendor.name, request_id=actor.request_id)


def terms_of(license: IssuedLicense) -> grants.Terms:
    """Contracts run from the first instant of their first day to the last of their last one, UTC."""
    return grants.Terms(
        id=license.id,
        vendor_id=license.vendor_id,
        vendor_name=license.vendor.name,
        product_id=license.product_id,
        product_name=license.product.name,
        version_constraint=license.version_constraint,
        features=license.features,
        total_licenses=license.total_licenses,
        commit_qty=license.commit_qty,
        max_overage=license.max_overage,
        commit_fee_monthly=license.commit_fee_monthly,
        overage_per_use=license.overage_per_use,
        currency=license.currency,
        starts_at=months.start_of(license.start_date),
        ends_at=months.start_of(license.end_date + timedelta(days=1)),
        auto_renew=license.auto_renew,
        package=license.package,
        revision=license.revision,
    )
