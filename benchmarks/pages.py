"""The server's time for each page of a big tenant: 1,000 licenses, 100,000 leases of a quarter, as many audit entries;
and for each page of a big vendor: 1,000 licenses sold to 200 customers, 100,000 checkouts in the ledger.

Django's whole stack, from the request to the last byte of the answer, as one process has it alone with warm caches.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING, Any

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
SELLER, SOLD, CHARGED = "seller", 1_000, 100_000
VENDORS_PATHS = (
    "/", "/licenses", "/licenses?sort=customer", "/licenses?q=customer+0042", "/licenses?product=ware-7",
    "/licenses/lic-sold-00001", "/licenses/lic-sold-00001/amend", "/licenses/generate", "/customers", "/customers?q=0042",
    "/customers?sort=-licenses", "/customers/{account}", "/products", "/analytics", "/analytics?days=90",
    "/analytics?product=ware-7&zone=Asia/Tokyo", "/billing", "/billing?period={before}", "/billing/{present}/{account}",
    "/billing/{before}/{account}", "/billing/{before}/{account}?kind=overage&sort=amount", "/keys", "/webhooks", "/settings",
)  # fmt: skip


def main(scene: Scene) -> bool:
    tenant_id = tenant_name(1)
    months = _furnish(tenant_id)
    customer, vendor = _at_tenant(tenant_id), _at_vendor()
    places = months | {"account": _first_account()}
    medians = {path: _median(customer, path.format(**places)) for path in PATHS}
    medians |= {f"vendor: {path}": _median(vendor, path.format(**places)) for path in VENDORS_PATHS}
    met = [goal(path, median, SLOWEST_MS, at_least=False, unit=" ms") for path, median in medians.items()]
    return all(met)


def _furnish(tenant_id: str) -> dict[str, Any]:
    """Everything, vacuumed as a night would; the present month and the last closed one."""
    from django.db import connection

    from benchmarks import past, sales
    from cloudlicenses.kit import clock, months
    from tenants import ownership

    past.write(tenant_id, licenses=LICENSES, leases=LEASES, held=HELD, denials=DENIALS)
    sales.write(SELLER, tenant_id, licenses=SOLD, rows=CHARGED)
    connection.close()
    with ownership.owner_connection() as owner:
        owner.execute("VACUUM ANALYZE")
    present = months.month_of(clock.now())
    return {"present": months.label(present), "before": months.label(months.preceding(present))}


def _first_account() -> int:
    from tenants.context import platform
    from vendors.models import CrmAccount

    with platform():
        return CrmAccount.objects.get(vendor_id=SELLER, crm_account_id="ACC-00001").pk


def _median(site: Client, path: str) -> float:
    assert site.get(path).status_code == 200, path
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        site.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _at_tenant(tenant_id: str) -> Client:
    from accounts.models import Role
    from tenants.context import inside

    with inside(tenant_id):
        return _signed_in(tenant_id, "anna@bench.example", Role.OWNER)


def _at_vendor() -> Client:
    from accounts.models import Role
    from tenants.context import platform

    with platform():
        return _signed_in("vendors", "owner@seller.example", Role.VENDOR_OWNER, vendor_id=SELLER)


def _signed_in(host: str, email: str, role: str, **known: Any) -> Client:
    """In the scope in which the person is known."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from cloudlicenses.kit import clock

    site = Client(headers={"host": f"{host}.{settings.BASE_DOMAIN}"})
    facts = {"role": role, "created_at": clock.now(), "name": "Anna", **known}
    site.force_login(User.objects.get_or_create(email=email, defaults=facts)[0])
    return site
