"""The server's time for each page of a big tenant: 1,000 licenses, 100,000 leases of a quarter, as many audit entries.

Django's whole stack, from the request to the last byte of the answer, as one process has it alone with warm caches.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.rounds import goal
from benchmarks.scene import Furniture, Scene, tenant_name

if TYPE_CHECKING:  # Django is imported once it is set up
    from django.test import Client

FURNITURE = Furniture(tenants=1, licenses=0)
LICENSES, LEASES, HELD, DENIALS = 1_000, 100_000, 500, 10_000
ROUNDS = int(os.environ.get("ROUNDS", "15"))
SLOWEST_MS = 60.0
PATHS = (
    "/", "/licenses", "/licenses?sort=-in_use", "/licenses?q=product+0042", "/licenses/lic-00001", "/licenses/lic-00001/limits",
    "/usage", "/usage?days=90", "/usage?product=product-7", "/costs", "/costs?period={before}", "/costs/charges",
    "/keys", "/keys/key-1", "/audit", "/audit?q=ws-7.example.com", "/audit?actor=Workstation+7", "/audit?q=lease-77777",
)  # fmt: skip


def main(scene: Scene) -> bool:
    tenant_id = tenant_name(1)
    before = _furnish(tenant_id)
    medians = {path: _median(tenant_id, path.format(before=before)) for path in PATHS}
    met = [goal(path, median, SLOWEST_MS, at_least=False, unit=" ms") for path, median in medians.items()]
    return all(met)


def _furnish(tenant_id: str) -> str:
    """Everything, vacuumed as a night would; the last closed month."""
    from django.db import connection

    from benchmarks import past
    from cloudlicenses.kit import clock, months
    from tenants import ownership

    past.write(tenant_id, licenses=LICENSES, leases=LEASES, held=HELD, denials=DENIALS)
    connection.close()
    with ownership.owner_connection() as owner:
        owner.execute("VACUUM ANALYZE")
    return months.label(months.preceding(months.month_of(clock.now())))


def _median(tenant_id: str, path: str) -> float:
    site = _signed_in(tenant_id)
    assert site.get(path).status_code == 200, path
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        site.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _signed_in(tenant_id: str) -> Client:
    from django.conf import settings
    from django.test import Client

    from accounts.models import Role, User
    from cloudlicenses.kit import clock
    from tenants.context import inside

    site = Client(headers={"host": f"{tenant_id}.{settings.BASE_DOMAIN}"})
    with inside(tenant_id):
        known = {"role": Role.OWNER, "created_at": clock.now(), "name": "Anna"}
        site.force_login(User.objects.get_or_create(email="anna@bench.example", defaults=known)[0])
    return site
