"""How much may be under way at once: a bound on how long anybody waits, and a fair share of it for each tenant."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable

MOST_UNDER_WAY = (
    256  # requests of one process; with some thousands a second, the last one waits about a tenth of a second
)
BUSY = 1 / 4  # of it: more doesn't go faster, it only waits
WORTHWHILE = 32  # under way at once: below that nobody waits, or the process would be idle
TIMES_ITS_SHARE = 4  # the largest of ten customers may well have as much
MOST_OF_IT = 1 / 2  # where there are few tenants
FOR_ONE = 7 / 8  # of the room, though nobody else is there: whoever comes then finds a place
MOST_WAITING = 2_048  # each a connection and a request of which only the head was read
PATIENCE_SECONDS = 1.0
LET_IN_AT_ONCE = 2  # for each that leaves, as far as there is room: what is under way may grow again

Turn = asyncio.Future[bool]  # of a request that waits: whether it has come


class Room:
    """One per process. Beyond `most` under way, whoever comes is refused at once (503, `Retry-After`).

    A tenant's rush waits at the door before that, where it costs nothing: once enough is under way, a tenant that has four times
    its share, or more than half, takes up its next request when there is less; who has waited for too long is refused, too.
    Refusing a rush at once made it worse: whoever asks again at once keeps the process busy with refusals. A tenant that is alone
    may take nearly all.
    """

    def __init__(
        self,
        most: int = MOST_UNDER_WAY,
        patience_seconds: float = PATIENCE_SECONDS,
        note_waiting: Callable[[str], None] = lambda tenant_id: None,
    ) -> None:
        """`note_waiting` hears the tenant of each request that has to wait."""
        self._most, self._patience_seconds, self._note_waiting = most, patience_seconds, note_waiting
        self._taken = 0
        self._taken_by: Counter[str] = Counter()
        self._waiting: dict[str, OrderedDict[Turn, None]] = {}  # by tenant, in the order in which they came
        self._number_waiting = 0

    @property
    def load(self) -> float:
        """How much of the room is taken: 0 none, 1 all."""
        return self._taken / self._most

    async def enter(self, tenant_id: str) -> bool:
        """Whether there is room, perhaps after a while; whoever entered has to `leave`."""
        if self._is_full_for(tenant_id):
            return False
        if tenant_id in self._waiting or self._is_rushing(tenant_id):
            return await self._wait(tenant_id)
        self._take(tenant_id)
        return True

    def leave(self, tenant_id: str) -> None:
        """Lets in who waits, first of the tenant that has least under way."""
        self._taken -= 1
        self._taken_by[tenant_id] -= 1
        if not self._taken_by[tenant_id]:
            del self._taken_by[tenant_id]
        for _ in range(LET_IN_AT_ONCE):
            if self._waiting:
                self._let_in(min(self._waiting, key=self._taken_by.__getitem__))

    def _is_full_for(self, tenant_id: str) -> bool:
        return self._taken >= self._most or self._taken_by[tenant_id] >= self._most * FOR_ONE

    def _is_rushing(self, tenant_id: str) -> bool:
        own = self._taken_by[tenant_id]
        if self._taken < WORTHWHILE or own == self._taken:
            return False
        return own > self._taken * min(MOST_OF_IT, TIMES_ITS_SHARE / len(self._taken_by))

    def _take(self, tenant_id: str) -> None:
        self._taken += 1
        self._taken_by[tenant_id] += 1

    async def _wait(self, tenant_id: str) -> bool:
        if self._number_waiting >= MOST_WAITING:
            return False
        self._note_waiting(tenant_id)
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        self._waiting.setdefault(tenant_id, OrderedDict())[turn] = None
        self._number_waiting += 1
        patience = loop.call_later(self._patience_seconds, self._end, tenant_id, turn, False)
        try:
            return await turn
        except asyncio.CancelledError:
            self._end(tenant_id, turn, has_come=False)
            if not turn.cancelled() and turn.result():
                self.leave(tenant_id)  # its turn had just come
            raise
        finally:
            patience.cancel()

    def _let_in(self, tenant_id: str) -> None:
        """The one of this tenant's that has waited longest, if it may."""
        turn = next((turn for turn in self._waiting[tenant_id] if not turn.cancelled()), None)
        if turn and not self._is_rushing(tenant_id) and not self._is_full_for(tenant_id):
            self._take(tenant_id)
            self._end(tenant_id, turn, has_come=True)

    def _end(self, tenant_id: str, turn: Turn, has_come: bool) -> None:
        """It waits no longer."""
        own = self._waiting.get(tenant_id, OrderedDict())
        if turn not in own:
            return
        del own[turn]
        self._number_waiting -= 1
        if not own:
            del self._waiting[tenant_id]
        if not turn.done():
            turn.set_result(has_come)
