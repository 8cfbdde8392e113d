"""The server's time for every page of a big customer, a big vendor and an operator of three thousand tenants.

Django's whole stack, from the request to the last byte of the answer, as one process has it alone with warm caches.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.opened import OPENED
from benchmarks.rounds import goal
from benchmarks.scene import Furniture, Scene, tenant_name

if TYPE_CHECKING:  # Django is imported once it is set up
    from django.test import Client

FURNITURE = Furniture(tenants=1, licenses=0)
SELLER = "seller"
ROUNDS = int(os.environ.get("ROUNDS", "15"))
SLOWEST_MS = 60.0


@dataclass(frozen=True, slots=True)
class Size:
    """Licenses bought and sold, of these one a customer at least; leases of a quarter, as many audit entries and rows of the
    vendor's ledger; and all around them."""

    licenses: int = 1_000
    leases: int = 100_000
    held: int = 500
    denials: int = 10_000
    customers: int = 3_000
    people: int = 200
    tenants: int = 3_000
    deliveries: int = 100_000


def main(scene: Scene) -> bool:
    from django.db import connection

    from cloudlicenses.kit import patience
    from tenants import ownership

    connection.close()
    patience.allow_long_statements()
    tenant_id = tenant_name(1)
    places = furnish(tenant_id, Size())
    connection.close()
    with ownership.owner_connection() as owner:
        owner.execute("VACUUM ANALYZE")  # as a night would
    return measure(tenant_id, places)


def furnish(tenant_id: str, size: Size) -> dict[str, str]:
    """The customer, the vendor, the platform; names of single things, as addresses have them."""
    from benchmarks import crowd, past, sales, watched
    from cloudlicenses.kit import clock, months

    past.write(tenant_id, licenses=size.licenses, leases=size.leases, held=size.held, denials=size.denials)
    sold = max(size.licenses, size.customers)
    account = sales.write(SELLER, tenant_id, licenses=sold, rows=size.leases, customers=size.customers)
    names = crowd.write(tenant_id, SELLER, people=size.people, tenants=size.tenants, rows=size.deliveries)
    names |= watched.write(
        tenant_id, alerts=size.people, certificates=min(size.people, 60), admin="admin@tenant.example"
    )
    present = months.month_of(clock.now())
    before = months.label(months.preceding(present))
    return names | {"present": months.label(present), "before": before, "account": str(account), "lease": "lease-1"}


def measure(tenant_id: str, places: dict[str, str]) -> bool:
    """Every page in turn, each printed beside the goal."""
    met = []
    for page, browser, path in pages(tenant_id, places):
        met.append(goal(page, _median(browser, path), SLOWEST_MS, at_least=False, unit=" ms"))
    return all(met)


def pages(tenant_id: str, places: dict[str, str]) -> list[tuple[str, Client, str]]:
    """What each is called, the browser that opens it, and its address."""
    from benchmarks.callers import callers

    found = []
    for kind, (label, vendor_id) in {
        "tenant": (tenant_id, ""),
        "vendors": ("vendors", SELLER),
        "apex": ("", ""),
    }.items():
        browsers, own = callers(kind, label, vendor_id)
        for who, paths in OPENED[kind].items():
            found += [(f"{kind}: {path}", browsers[who], path.format(**places | own)) for path in paths]
    return found


def _median(site: Client, path: str) -> float:
    answer = site.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        site.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
