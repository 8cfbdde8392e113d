"""The last lease of one product, user and host, kept for the day the server can't be reached.

What is kept is the signed token, so nothing here needs to be believed; beside it stands the latest moment this machine has
seen, so that a clock set back between two starts is noticed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ._cache import Cache
from ._clock import Clock

_SUFFIX = ".lease.json"
_LONGEST_KEPT = 60 * 24 * 3600.0  # twice what the longest offline lease lasts


@dataclass(frozen=True)
class CachedLease:
    """One kept lease. The token is all that counts; the rest makes it comfortable."""

    lease_id: str
    lease_token: str
    heartbeat_seconds: float
    cost: str
    currency: str
    seen_at: float

    @property
    def price(self) -> Decimal:
        try:
            return Decimal(self.cost)
        except InvalidOperation:
            return Decimal(0)


class LeaseShelf:
    """The kept leases of one server."""

    def __init__(self, cache: Cache, server_url: str, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._server_url = server_url

    def find(self, product: str, user: str, hostname: str) -> CachedLease | None:
        """The lease kept for exactly these, or None."""
        return _read(self._cache.load(self._name(product, user, hostname)))

    def keep(self, product: str, user: str, hostname: str, lease: CachedLease) -> None:
        """Keep this lease instead of the former one."""
        self._cache.store(self._name(product, user, hostname), asdict(lease))

    def empty(self, product: str, user: str, hostname: str) -> None:
        """Keep nothing for these any more."""
        self._cache.discard(self._name(product, user, hostname))

    def drop(self, lease_id: str) -> None:
        """Remove this lease wherever it is kept, and what crashed programs left long ago. Other leases stay."""
        for name, document in self._cache.load_all(_SUFFIX):
            if document.get("lease_id") == lease_id or self._is_forgotten(document.get("seen_at")):
                self._cache.discard(name)

    def _is_forgotten(self, seen_at: object) -> bool:
        return not isinstance(seen_at, (int, float)) or seen_at < self._clock.wall() - _LONGEST_KEPT

    def _name(self, product: str, user: str, hostname: str) -> str:
        # The bare host name: offline the domain is often unknown. The token says which host it is for.
        parts = (self._server_url, product, user, hostname.partition(".")[0].lower())
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32] + _SUFFIX


def _read(document: dict[str, Any] | None) -> CachedLease | None:
    try:
        lease = CachedLease(**(document or {}))
    except TypeError:
        return None
    texts = (lease.lease_id, lease.lease_token, lease.cost, lease.currency)
    numbers = (lease.heartbeat_seconds, lease.seen_at)
    sound = all(isinstance(text, str) for text in texts) and all(isinstance(number, (int, float)) for number in numbers)
    return lease if sound else None
