"""How much may be under way at once: a bound on how long anybody waits, and a fair share of it for each tenant."""

from __future__ import annotations

from collections import Counter

MOST_UNDER_WAY = (
    256  # requests of one process; with some thousands a second, the last one waits about a tenth of a second
)
BUSY = 1 / 4  # of it: more doesn't go faster, it only waits
TIMES_ITS_SHARE = 2
ALWAYS = (
    1 / 12
)  # of it, for each tenant: some requests of one come together by chance, of 20 even ones up to three shares


class Room:
    """One per process. Who finds no room is refused at once (503, `Retry-After`): the queue never grows beyond `most`.

    While little is taken everybody may enter. Once the process is busy, a tenant that has twice its share of what is under way, and
    not only a few, is refused: so that one tenant's rush doesn't make the others wait.
    """

    def __init__(self, most: int = MOST_UNDER_WAY) -> None:
        self._most = most
        self._taken = 0
        self._taken_by: Counter[str] = Counter()

    @property
    def load(self) -> float:
        """How much of the room is taken: 0 none, 1 all."""
        return self._taken / self._most

    def enter(self, tenant_id: str) -> bool:
        """Whether there is room; whoever entered has to `leave`."""
        if self._taken >= self._most or self._is_beyond_its_share(tenant_id):
            return False
        self._taken += 1
        self._taken_by[tenant_id] += 1
        return True

    def leave(self, tenant_id: str) -> None:
        self._taken -= 1
        self._taken_by[tenant_id] -= 1
        if not self._taken_by[tenant_id]:
            del self._taken_by[tenant_id]

    def _is_beyond_its_share(self, tenant_id: str) -> bool:
        own = self._taken_by[tenant_id]
        if self._taken < self._most * BUSY or own < self._most * ALWAYS:
            return False
        return own * len(self._taken_by) >= TIMES_ITS_SHARE * self._taken
