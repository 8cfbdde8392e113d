"""A seat in hand, whichever wire keeps it alive.

`has_feature` is meant for an application's inner loops: a set lookup and two clock comparisons on an immutable snapshot,
replaced whole by each heartbeat, so no lock is needed to read it. The deadline is held against both clocks: setting the wall
clock back doesn't move the monotonic one, and sleeping through the expiry doesn't move the wall clock less.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ._clock import Clock
from ._errors import LeaseTokenError
from ._refusals import LeaseGoneError
from ._token import Claims

# What may be used, and until when by the monotonic and the wall clock.
_Term = tuple[frozenset[str], float, float]
_OVER: _Term = (frozenset(), float("-inf"), float("-inf"))


@dataclass(frozen=True)
class Grant:
    """A verified lease on its way to the application."""

    claims: Claims
    token: str
    heartbeat_seconds: float
    cost: Decimal
    currency: str
    is_offline: bool


class HeldLease:
    """What both kinds of lease have in common. Made by `checkout()`, never by hand."""

    def __init__(self, grant: Grant, clock: Clock) -> None:
        self._clock = clock
        self._monotonic = clock.monotonic
        self._wall = clock.wall
        self._grant = grant
        self._lost: LeaseGoneError | None = None
        self._owner_pid = os.getpid()
        self._lock = threading.Lock()
        self._term = _term_of(grant.claims, clock)
        self._is_held = True

    @property
    def id(self) -> str:
        return self._grant.claims.lease_id

    @property
    def type(self) -> str:
        """`commit` or `overage`."""
        return self._grant.claims.lease_type

    @property
    def license_id(self) -> str:
        return self._grant.claims.license_id

    @property
    def product(self) -> str:
        return self._grant.claims.product

    @property
    def user(self) -> str:
        return self._grant.claims.user

    @property
    def hostname(self) -> str | None:
        """The host the lease is bound to, if it is."""
        return self._grant.claims.hostname

    @property
    def features(self) -> Mapping[str, Any]:
        """The features as signed, with their values. Not a check: `has_feature` is."""
        return MappingProxyType(dict(self._grant.claims.features))

    @property
    def cost(self) -> Decimal:
        """What this checkout costs, in `currency`."""
        return self._grant.cost

    @property
    def currency(self) -> str:
        return self._grant.currency

    @property
    def issued_at(self) -> datetime:
        return datetime.fromtimestamp(self._grant.claims.issued_at, timezone.utc)

    @property
    def expires_at(self) -> datetime:
        """The signed expiry; each heartbeat moves it on."""
        return datetime.fromtimestamp(self._grant.claims.expires_at, timezone.utc)

    @property
    def token(self) -> str:
        """The signed lease, for another program to verify."""
        return self._grant.token

    @property
    def is_offline(self) -> bool:
        """True while this is a cached lease that the server hasn't confirmed since the start."""
        return self._grant.is_offline

    @property
    def lost(self) -> LeaseGoneError | None:
        """Why the server took the seat back, if it did."""
        return self._lost

    def is_valid(self) -> bool:
        """May the application go on? False after the signed expiry, when the server took the seat back, and once returned."""
        _, monotonic_end, wall_end = self._term
        return self._monotonic() < monotonic_end and self._wall() < wall_end

    def has_feature(self, feature: str) -> bool:
        """Is this feature in the signed lease, and the lease valid now? Asks nobody; millions of times a second."""
        features, monotonic_end, wall_end = self._term
        return feature in features and self._monotonic() < monotonic_end and self._wall() < wall_end

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.type} {self.product} valid={self.is_valid()}>"


class LeaseControl:
    """The library's own handle on a lease: what heartbeats and returns do to it. Changes are serialised by the lease's lock."""

    def __init__(self, lease: HeldLease) -> None:
        self._lease = lease

    @property
    def grant(self) -> Grant:
        return self._lease._grant

    @property
    def is_held(self) -> bool:
        return self._lease._is_held

    @property
    def is_mine(self) -> bool:
        """False in a forked child: the seat is its parent's to return."""
        return self._lease._owner_pid == os.getpid()

    def renew(self, grant: Grant) -> bool:
        """Go on with a fresh token; False when the lease was ended meanwhile."""
        with self._lease._lock:
            if self._lease._is_held:
                if grant.claims.issued_at < self._lease._grant.claims.issued_at:
                    raise LeaseTokenError("The server renewed the lease with an older token.")
                self._lease._grant = grant
                self._lease._term = _term_of(grant.claims, self._lease._clock)
            return self._lease._is_held

    def end(self, reason: LeaseGoneError | None = None) -> None:
        """Nothing is licensed from here on."""
        with self._lease._lock:
            self._lease._is_held = False
            self._lease._term = _OVER
            self._lease._lost = reason or self._lease._lost

    def unlock_after_fork(self) -> None:
        # The thread that held the lock does not exist in the child.
        self._lease._lock = threading.Lock()


def _term_of(claims: Claims, clock: Clock) -> _Term:
    usable = frozenset(name for name, value in claims.features.items() if value)
    return usable, clock.monotonic() + (claims.expires_at - clock.wall()), claims.expires_at
