"""Nonces of signed requests: each passes once. Valkey knows those of all processes, as limits of one; each process knows its own
besides, for as long as their signatures are recent, whether Valkey is there or not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from applications.refusals import SignatureInvalid
from cloudlicenses.kit import signatures
from cloudlicenses.kit.limits import Limit
from cloudlicenses.kit.signatures import Signature

# Made by a clock that is ahead, a signature is recent for twice the window.
KEPT_SECONDS = 2 * signatures.WINDOW_SECONDS + 5
MOST_KEPT = 200_000


def once(tenant_id: str, signature: Signature) -> Limit:
    """What a nonce is spent as: a limit of one."""
    return Limit(f"nonce:{tenant_id}:{signature.key_id}:{signature.nonce}", 1, KEPT_SECONDS)


def refuse_unless(are_new: Iterable[bool]) -> None:
    """Raises `SignatureInvalid` when one of the nonces came before."""
    if not all(are_new):
        raise SignatureInvalid("This signed request came before.")


class Nonces:
    """One per process and face. Bounded: two generations, of which the elder is dropped when the younger is as old as any signature
    can be, or full. Safe between threads."""

    def __init__(self) -> None:
        self._young: set[str] = set()
        self._old: set[str] = set()
        self._since = time.monotonic()
        self._lock = threading.Lock()

    def is_new(self, name: str) -> bool:
        """Whether it was not seen before; now it was."""
        with self._lock:
            if time.monotonic() - self._since > KEPT_SECONDS or len(self._young) >= MOST_KEPT:
                self._old, self._young, self._since = self._young, set(), time.monotonic()
            if name in self._young or name in self._old:
                return False
            self._young.add(name)
            return True
