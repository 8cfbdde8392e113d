"""A vendor's streams in this process: its people hear *that* something of a kind changed, and pages that show it look again.

Of each kind there is a mark, another one after each change (cloudlicenses/web/wakeups.py). The marks are all there is to tell, so
they are the position, too: whoever comes back, to any process, hears of each kind whose mark is another by now. They are in Valkey
alone. While it is away streams end, and pages ask now and then; when it is back, everything may have changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from cloudlicenses.web.wakeups import OF_VENDOR
from licensing.streams import telling
from licensing.streams.crowd import COME_BACK, Crowd, Since, retry_ms
from licensing.streams.listening import SEEN_AT_VENDORS
from licensing.streams.telling import Sight

KINDS = tuple(SEEN_AT_VENDORS)
NEVER, UNKNOWN = "0", "?"
BEFORE_A_PAGE = timedelta(seconds=5)  # what a page may not have seen when it was rendered, and clocks that differ
Marks = Mapping[str, str]

log = structlog.get_logger("streams")


class Changes(Crowd):
    """`read` gives a vendor's marks, and raises what Valkey raises."""

    def __init__(self, audience: str, read: Callable[[str], Awaitable[Marks]]) -> None:
        super().__init__(audience)
        self._vendor_id = audience.removeprefix(OF_VENDOR)
        self._read = read
        self._marks: Marks = dict.fromkeys(KINDS, UNKNOWN)

    def forget(self) -> None:
        """What was announced may have been missed: the next look tells of every kind."""
        self._marks = dict.fromkeys(KINDS, UNKNOWN)
        self.ring()

    async def beat(self) -> None:
        await self._offer(lambda sight: telling.notice(_position(self._marks, sight)))

    async def _beginning(self, sight: Sight, since: Since) -> bytes:
        await self._look()
        beginning = telling.notice(_position(self._marks, sight), retry_ms=retry_ms())
        return beginning + _frames(_changed_since(since, self._marks), self._marks, sight)

    async def _look(self) -> None:
        known, found = self._marks, await self._read(self._vendor_id)
        self._marks = {kind: found.get(kind, NEVER) for kind in KINDS}
        changed = {kind for kind in KINDS if known[kind] != self._marks[kind]}
        if changed:
            await self._offer(lambda sight: _frames(changed, self._marks, sight))

    async def _go_on_after(self, error: Exception) -> None:
        """A stream that can't be told anything would keep its page from asking. Whoever comes back is told of every kind."""
        log.warning("a vendor's streams end: its marks can't be read", audience=self.audience, error=repr(error))
        await self.close(telling.reset(UNKNOWN) + COME_BACK)


def _changed_since(since: Since, marks: Marks) -> set[str]:
    if since is None:
        return set()
    if isinstance(since, datetime):
        start = int((since - BEFORE_A_PAGE).timestamp() * 1_000_000)
        return {kind for kind in KINDS if int(marks[kind], 16) >= start}
    told = dict(part.split("-", 1) for part in since.split(".") if "-" in part)
    return {kind for kind in KINDS if told.get(kind) != marks[kind]}


def _frames(changed: set[str], marks: Marks, sight: Sight) -> bytes:
    """Only the last one moves the position: whoever is cut off between two of them hears both again."""
    told = [kind for kind in KINDS if kind in changed and kind in sight.sees]
    return b"".join(
        telling.frame(kind, {}, _position(marks, sight) if kind == told[-1] else "") for kind in told
    )  # fmt: skip


def _position(marks: Marks, sight: Sight) -> str:
    return ".".join(f"{kind}-{marks[kind]}" for kind in KINDS if kind in sight.sees)
