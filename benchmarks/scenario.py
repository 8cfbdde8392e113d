"""What `benchmarks.load` is told to do: whom to ask, from how many connections, how fast, for how long."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Site:
    """Where and with what to ask: a tenant's host, a key, the products to draw from, and what else goes with each request."""

    host: str
    key: str
    products: list[str]
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = ""  # that the application signs with, and the private key of its workstation (Ed25519, in hex)
    device: str = ""


@dataclass(frozen=True)
class Scenario:
    """`zipf`: how unevenly sites are drawn (0: all alike). `rate` 0: closed loop.

    `hold`: how many leases stay checked out, with `fill` from the beginning, else as they come.
    """

    port: int
    sites: list[Site]
    connections: int = 32
    seconds: float = 4.0
    warm_up: float = 0.5
    rate: float = 0.0
    zipf: float = 0.0
    hold: int = 0
    fill: bool = False
    seed: int = 1

    def dice(self, more: int = 0) -> random.Random:
        """The same throws in each run with the same seed; `more` for another row of them."""
        return random.Random(self.seed + more)  # noqa: S311 - a load is to be repeatable, not secret

    def as_json(self) -> str:
        return json.dumps(asdict(self))
