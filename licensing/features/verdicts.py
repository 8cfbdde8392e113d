"""May this tenant use a feature now? A judgement is an answer, not an error: yes or no, and every reason against it.

A feature may be in several licenses; the one that comes nearest to a yes speaks. Seats are no part of it: they are the checkout's.
The reasons are codes of refusals (licensing.refusals), from the farthest from a yes to the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cloudlicenses.kit import clock
from licensing import queries, versions
from licensing.models import License

PRODUCT, FEATURE = "product_not_licensed", "feature_not_licensed"
EXPIRED, NOT_STARTED, SUSPENDED, VERSION = (
    "license_expired",
    "license_not_started",
    "license_suspended",
    "version_not_licensed",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`license` is the one that was judged; none when there is no license for the product at all."""

    license: License | None
    violations: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        return not self.violations


def judge(feature: str, *, product_id: str = "", license_id: str = "", version: str = "") -> Verdict:
    """Of all licenses, or those of a product, or one. In the tenant's scope."""
    found = queries.licenses().exclude(status=License.Status.REVOKED)
    found = found.filter(product_id=product_id) if product_id else found
    found = found.filter(id=license_id) if license_id else found
    return nearest(_judged(license_, feature, version, clock.now()) for license_ in found)


def nearest(verdicts: Iterable[Verdict]) -> Verdict:
    """The first with the fewest reasons against it; a license that lacks the feature is the farthest."""
    return min(
        verdicts,
        key=lambda verdict: (FEATURE in verdict.violations, len(verdict.violations)),
        default=Verdict(None, (PRODUCT,)),
    )


def violations_of(license_: License, version: str, at: datetime) -> tuple[str, ...]:
    """What stands against any use of this license now."""
    reasons = {
        EXPIRED: at >= license_.ends_at and not license_.auto_renew,
        NOT_STARTED: at < license_.starts_at,
        SUSPENDED: license_.status == License.Status.SUSPENDED,
        VERSION: bool(version) and not versions.satisfies(version, license_.version_constraint),
    }
    return tuple(code for code, is_true in reasons.items() if is_true)


def _judged(license_: License, feature: str, version: str, at: datetime) -> Verdict:
    lacking = () if feature in license_.features else (FEATURE,)
    return Verdict(license_, (*lacking, *violations_of(license_, version, at)))
