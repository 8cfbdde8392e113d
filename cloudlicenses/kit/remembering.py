"""Values kept in a process for some minutes: bounded, the least used go first; safe between threads."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Kept = TypeVar("Kept")


class Remembered(Generic[Name, Kept]):
    """At most `most` values, each for `seconds` from when it was found, however often it is asked for."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._kept: OrderedDict[Name, tuple[float, Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: Name, find: Callable[[], Kept]) -> Kept:
        """What is remembered under this name, else what `find` finds; raises what it raises, which is not kept."""
        with self._lock:
            known = self._kept.get(name)
            if known is not None and known[0] > time.monotonic():
                self._kept.move_to_end(name)
                return known[1]
        found = find()
        with self._lock:
            self._kept[name] = (time.monotonic() + self.seconds, found)
            self._kept.move_to_end(name)
            self._drop_what_is_old()
        return found

    def forget(self, name: Name) -> None:
        with self._lock:
            self._kept.pop(name, None)

    def forget_all(self) -> None:
        with self._lock:
            self._kept.clear()

    def _drop_what_is_old(self) -> None:
        """Not only when it is asked for: what nobody asks for again would stay for ever."""
        now = time.monotonic()
        for name in [name for name, (until, _) in self._kept.items() if until <= now]:
            del self._kept[name]
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
