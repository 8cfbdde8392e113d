"""Why a checkout, a heartbeat or a return is refused. The codes are what `licensing/sql/decisions.sql` answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.kit.refusals import Busy, Kind, Refusal, gettext_noop


class TooManyStreams(Refusal):
    kind = Kind.RATE_LIMITED
    code = "too_many_streams"
    title = gettext_noop("Too many event streams are open already. Close some, or share one.")


class ProductNotLicensed(Refusal):
    kind = Kind.MISSING
    code = "product_not_licensed"
    title = gettext_noop("There is no license for this product here. Ask your license administrator.")


class LicenseSuspended(Refusal):
    kind = Kind.CONFLICT
    code = "license_suspended"
    title = gettext_noop("The vendor has suspended this license.")


class LicenseExpired(Refusal):
    kind = Kind.CONFLICT
    code = "license_expired"
    title = gettext_noop("The contract of this license is over.")


class LicenseNotStarted(Refusal):
    kind = Kind.CONFLICT
    code = "license_not_started"
    title = gettext_noop("The contract of this license has not begun.")


class VersionNotLicensed(Refusal):
    kind = Kind.CONFLICT
    code = "version_not_licensed"
    title = gettext_noop("The license does not cover this version of the product.")


class FeatureNotLicensed(Refusal):
    kind = Kind.CONFLICT
    code = "feature_not_licensed"
    title = gettext_noop("The license does not include a feature that was asked for.")


class NoLicensesAvailable(Refusal):
    kind = Kind.CONFLICT
    code = "no_licenses_available"
    title = gettext_noop("All licenses are in use. Try again when somebody has returned one.")


class MaxOverageExceeded(Refusal):
    kind = Kind.CONFLICT
    code = "max_overage_exceeded"
    title = gettext_noop("All licenses and all of the agreed overage are in use. Contact your license administrator.")


class CustomerCapReached(Refusal):
    kind = Kind.CONFLICT
    code = "customer_cap_reached"
    title = gettext_noop("Your company's own limit for this license is reached. Contact your license administrator.")


class ReservedForOthers(Refusal):
    kind = Kind.CONFLICT
    code = "reserved_for_others"
    title = gettext_noop("The remaining licenses are reserved for others.")


class LeaseNotFound(Refusal):
    kind = Kind.MISSING
    code = "lease_not_found"
    title = gettext_noop("There is no such lease.")


class LeaseExpired(Refusal):
    kind = Kind.CONFLICT
    code = "lease_expired"
    title = gettext_noop("This lease has expired and its seat went back. Check out again.")


class LeaseReturned(Refusal):
    kind = Kind.CONFLICT
    code = "lease_returned"
    title = gettext_noop("This lease was returned. Check out again.")


class LeaseRevoked(Refusal):
    kind = Kind.CONFLICT
    code = "lease_revoked"
    title = gettext_noop("This lease was taken back by an administrator or ended with its license.")


class DatabaseAway(Busy):
    kind = Kind.BUSY
    code = "database_unavailable"
    title = gettext_noop(
        "The license server's database is not available. Leases you hold stay valid; try again in a moment."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=2)


BY_CODE: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        ProductNotLicensed, LicenseSuspended, LicenseExpired, LicenseNotStarted, VersionNotLicensed, FeatureNotLicensed,
        NoLicensesAvailable, MaxOverageExceeded, CustomerCapReached, ReservedForOthers,
        LeaseNotFound, LeaseExpired, LeaseReturned, LeaseRevoked,
    )
}  # fmt: skip


def refusal_of(answer: dict[str, Any]) -> Refusal:
    """The refusal that the seat rule answered with, with what else it knows."""
    facts = {"license_id": answer["license_id"]} if answer.get("license_id") else {}
    if answer.get("available_at"):
        facts["available_at"] = rfc3339(datetime.fromisoformat(answer["available_at"]))
    return BY_CODE[answer["refused"]](**facts)
