"""Nonces that this process has seen, for as long as their signatures are recent. Valkey knows those of all processes."""

from __future__ import annotations

import time

from applications.door import NONCES_KEPT_SECONDS as KEPT_SECONDS

MOST_KEPT = 200_000


class Nonces:
    """Bounded: two generations, of which the elder is dropped when the younger is as old as any signature can be, or full."""

    def __init__(self) -> None:
        self._young: set[str] = set()
        self._old: set[str] = set()
        self._since = time.monotonic()

    def is_new(self, name: str) -> bool:
        """Whether it was not seen before; now it was."""
        if time.monotonic() - self._since > KEPT_SECONDS or len(self._young) >= MOST_KEPT:
            self._old, self._young, self._since = self._young, set(), time.monotonic()
        if name in self._young or name in self._old:
            return False
        self._young.add(name)
        return True
