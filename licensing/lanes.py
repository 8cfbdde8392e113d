"""Calls of the seat rule that wait for a transaction, tenant by tenant.

They are taken in turns, so that one tenant's thousand don't stand before another's one.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from licensing.pipeline import Part

Kind = Literal["ends", "heartbeats", "checkouts"]
KINDS: tuple[Kind, ...] = ("ends", "heartbeats", "checkouts")


@dataclass(slots=True)
class Call:
    """One question, and where its answer goes. Whoever asked may have gone meanwhile."""

    kind: Kind
    text: bytes
    answer: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def resolve(self, answer: dict[str, Any]) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


Calls = dict[str, list[Call]]  # by tenant


class Lane:
    """Waits in it for a lock at most `patience_ms`. `needed_until`: a lane of one tenant's own is kept for so long."""

    def __init__(self, patience_ms: int) -> None:
        self._waiting: dict[str, deque[Call]] = {}
        self.patience_ms = patience_ms
        self.length = 0
        self.is_at_work = False
        self.needed_until = 0.0

    @property
    def is_over(self) -> bool:
        return not self.length and not self.is_at_work and time.monotonic() > self.needed_until

    def put(self, tenant_id: str, call: Call) -> None:
        self._waiting.setdefault(tenant_id, deque()).append(call)
        self.length += 1

    def take(self, most: int) -> Calls:
        """At most so many, from each tenant as many as from any other that has them. In the order of the tenants' ids."""
        share = max(1, most // max(1, len(self._waiting)))
        taken: Calls = {}
        while most > 0 and self._waiting:
            for tenant_id, own in list(self._waiting.items())[:most]:
                now = [own.popleft() for _ in range(min(share, len(own), most))]
                taken.setdefault(tenant_id, []).extend(now)
                most -= len(now)
                self.length -= len(now)
                del self._waiting[tenant_id]
                if own:
                    self._waiting[tenant_id] = own  # behind the others
            share = 1
        return dict(sorted(taken.items()))

    def take_all_of(self, tenant_id: str) -> list[Call]:
        own = self._waiting.pop(tenant_id, deque())
        self.length -= len(own)
        return list(own)


def in_order(calls: list[Call]) -> list[Call]:
    """As the rule answers them."""
    return sorted(calls, key=lambda call: KINDS.index(call.kind))


def part_of(tenant_id: str, calls: list[Call]) -> Part:
    part = Part(tenant_id)
    for call in calls:
        getattr(part, call.kind).append(call.text)
    return part
