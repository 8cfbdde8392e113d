"""A license as it stands now: its state, who holds how much of it, what is free, what its overage has cost this month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from cloudlicenses.kit import clock
from licensing import queries
from licensing.models import License


@dataclass(frozen=True, slots=True)
class Standing:
    """`spent` is this month's overage, `last_at` an instant of the contract's last day."""

    license: License
    state: str
    held: int
    commit_held: int
    overage_held: int
    free: int
    spent: Decimal
    last_at: datetime


def standing_of(license_: License) -> Standing:
    """On rows of `queries.licenses()`."""
    state = state_of(license_)
    held, overage = int(license_.held), int(license_.held_overage)  # type: ignore[attr-defined]  # annotated
    return Standing(
        license=license_,
        state=state,
        held=held,
        commit_held=held - overage,
        overage_held=overage,
        free=queries.free_seats(license_) if state == "active" else 0,
        spent=queries.spent_this_month(license_),
        last_at=license_.ends_at - timedelta(microseconds=1),
    )


def state_of(license_: License) -> str:
    """The status, unless the contract's days say more."""
    now = clock.now()
    if license_.status != License.Status.ACTIVE:
        return str(license_.status)
    if now < license_.starts_at:
        return "not_started"
    return "expired" if now >= license_.ends_at and not license_.auto_renew else "active"
