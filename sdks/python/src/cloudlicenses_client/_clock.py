"""The two clocks a lease is held against.

The wall clock is what the server signed; it can be set back. The monotonic clock can't, but stands still while some machines
sleep. A lease is valid only while both say so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# Machines differ by seconds; more than this is a wrong clock, not a slow one.
SKEW_SECONDS = 120.0


@dataclass(frozen=True)
class Clock:
    """Seconds since 1970, and seconds since some moment that only ever grow."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
