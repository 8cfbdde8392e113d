"""Changing tables that are in use, without anybody queueing behind us.

Whoever waits for a table's exclusive lock holds up everyone who comes after: one long report, and no checkout gets through. So a
deploy waits briefly, lets go of everything, lets the others through, and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import TypeVar

import psycopg
from django.db import Error as DatabaseError
from psycopg.errors import DeadlockDetected, LockNotAvailable

LIMIT_WAITING = "SET LOCAL lock_timeout = '100ms'"  # well below what a checkout waits for a lock (licensing/seats.py)
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds; the last one again and again
PATIENCE_SECONDS = 300.0

Item = TypeVar("Item")


class StillInUse(Exception):
    """What could not be locked in all that time, by name."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"In use by long transactions: {', '.join(names)}. What else there was is done; run it again.")


def one_by_one(items: Iterable[str], act: Callable[[str], object], say: Callable[[str], None]) -> None:
    """`act` on each item, in a transaction that begins with `LIMIT_WAITING`; those in use are tried again after the others.

    Raises `StillInUse` when nothing could be locked for `PATIENCE_SECONDS`, and whatever else `act` raises, at once.
    """
    waiting, pauses, deadline = list(items), _pauses(), time.monotonic() + PATIENCE_SECONDS
    while blocked := [item for item in waiting if not _is_done(act, item)]:
        if len(blocked) < len(waiting):
            pauses, deadline = _pauses(), time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > deadline:
            raise StillInUse(blocked)
        say(f"in use, to be tried again: {', '.join(blocked)}")
        time.sleep(next(pauses))
        waiting = blocked


def _is_done(act: Callable[[str], object], item: str) -> bool:
    try:
        act(item)
    except (psycopg.Error, DatabaseError) as error:
        if not isinstance(error.__cause__ or error, DeadlockDetected | LockNotAvailable):  # Django wraps psycopg's
            raise
        return False
    return True


def _pauses() -> Iterator[float]:
    return chain(PAUSES, repeat(PAUSES[-1]))
