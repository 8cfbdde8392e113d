"""What those in a scene do, and what is there before they begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from licensing import caps, grants
from tenants.context import inside
from tests import builders, cast
from tests.races import asking, selling
from tests.races.clocks import Clock
from tests.races.interleaving import Alone, Parts, Step
from tests.races.model import Answer, Checkout

Scene = Callable[[Clock], Parts]
PRICE = Decimal("500.00")
ONE_SEAT = {"total_licenses": 1, "commit_qty": 1, "max_overage": 0}
COMMIT_AND_OVERAGE = {"total_licenses": 2, "commit_qty": 1, "max_overage": 1}


def check_out() -> Answer:
    return asking.checkout(Checkout(cast.DAVINCI.id))


def check_out_once() -> Answer:
    return asking.checkout(Checkout(cast.DAVINCI.id, idempotency_key="once"))


def sold(license_id: str = "lic-1", ware: cast.Ware = cast.DAVINCI, **terms: Any) -> grants.Terms:
    given = selling.terms_of(license_id, ware, **{"overage_per_use": PRICE} | terms)
    selling.tell(grants.provision, given)
    return given


def told(change: Any, terms: grants.Terms, **changes: Any) -> Step:
    later = replace(terms, **changes, revision=terms.revision + 1)
    return lambda: selling.tell(change, later)


def set_caps(terms: grants.Terms, **limits: Any) -> None:
    with inside(asking.TENANT):
        caps.set_caps(builders.actor(), terms.id, limits)


def an_hour(clock: Clock) -> Alone:
    return Alone(lambda: clock.jump(timedelta(hours=1)))
