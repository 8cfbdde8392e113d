"""Uses of features that applications report: written down once, with the license that covers them.

What was used is a fact, even when the contract ended this morning: only a feature that no license has is refused. What is reported
counts for the instant it names, if that is not older than a week.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.refusals import FieldError, InvalidInput
from keys.refusals import ProductNotAllowed
from licensing.features import verdicts
from licensing.models import UsageEvent
from licensing.refusals import FeatureNotLicensed, ProductNotLicensed

OLDEST = timedelta(days=7)
AHEAD = timedelta(minutes=5)  # of a clock that is not quite right


@dataclass(frozen=True, slots=True)
class Use:
    """`license_id` or `product_id` narrow where the feature is looked for; `at` is now unless told."""

    feature: str
    action: str
    quantity: int
    product_id: str = ""
    license_id: str = ""
    at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def track(use: Use, *, key_id: str, allowed_products: Sequence[str] = ()) -> UsageEvent:
    """Write it down. Raises `ProductNotLicensed`, `FeatureNotLicensed`, `ProductNotAllowed`, `InvalidInput`; in a transaction."""
    at = use.at or clock.now()
    _refuse_another_time(at)
    verdict = verdicts.judge(use.feature, product_id=use.product_id, license_id=use.license_id)
    if verdict.license is None:
        raise ProductNotLicensed
    if verdicts.FEATURE in verdict.violations:
        raise FeatureNotLicensed
    if allowed_products and verdict.license.product_id not in allowed_products:
        raise ProductNotAllowed
    return UsageEvent.objects.create(
        id=ids.new_id("use"), license_id=verdict.license.id, feature=use.feature, action=use.action, quantity=use.quantity,
        key_id=key_id, metadata=dict(use.metadata), at=at,
    )  # fmt: skip


def _refuse_another_time(at: datetime) -> None:
    if not clock.now() - OLDEST <= at <= clock.now() + AHEAD:
        message = "Not older than seven days, and not in the future."
        raise InvalidInput(errors=[FieldError("timestamp", "out_of_range", message)])
