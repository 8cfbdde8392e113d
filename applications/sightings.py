"""Fingerprints that come to the control APIs, learned at once but seldom: what one process has written it writes again only after
`AGAIN_SECONDS`, and of one key at most `MOST_A_MINUTE`, so that nobody can fill a tenant's list by making fingerprints up.
"""

from __future__ import annotations

from applications import fingerprints
from applications.fingerprints import Sighting
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit
from cloudlicenses.kit.remembering import Remembered

AGAIN_SECONDS = 300.0
MOST_KEPT = 10_000
MOST_A_MINUTE = 60

What = tuple[
    str, str, str, str, str
]  # product, fingerprint, the state it gets if it is new, mode, version of the library


class Sightings:
    """One per process."""

    def __init__(self) -> None:
        self._written: Remembered[tuple[str, str, str, str], None] = Remembered(most=MOST_KEPT, seconds=AGAIN_SECONDS)

    def learn(self, tenant_id: str, actor: Actor, what: What, limiter: Limiter, *, unless_listed: bool = False) -> None:
        """It was used by `actor`, a key; in the tenant's scope. Who beyond the key it was the control APIs are not told.
        `unless_listed`: not if it is in the list already, of whatever product."""
        product_id, value, state, mode, lib_version = what

        def write() -> None:
            if unless_listed and fingerprints.is_listed(value):
                return
            if limiter.take([Limit(f"seen:{tenant_id}:{actor.key_id}", MOST_A_MINUTE, 60)]).passed:
                fingerprints.learn([Sighting(product_id, value, state, mode, lib_version, "", clock.now(), actor)])

        self._written.get((tenant_id, product_id, value, mode), write)
