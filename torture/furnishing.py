"""Who lives in the house: customers with small pools, so that refusals and overage are daily bread, and keys for each: one that
asks for nothing, and one that asks for everything (guarding.py).

Django is loaded by the time this is imported. Only the proof of a domain is left out; the tenants are otherwise made as any are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from keys import issuing
from licensing.models import License
from tenants import deploying, verification
from tenants.context import inside
from tenants.registration import Application, register
from torture import guarding
from torture.papers import GUARDED

UNLIMITED = issuing.Restrictions(checkouts_per_minute=1_000_000, requests_per_hour=100_000_000)


@dataclass(frozen=True, slots=True)
class Pool:
    """What a license sells: the second one of "tester" is dearer, and is asked only when the first has no seat."""

    license_id: str
    product_id: str
    total: int
    commit: int
    overage: int
    price: Decimal


POOLS = (
    Pool("lic-ide", "ide", total=4, commit=2, overage=2, price=Decimal("500.00")),
    Pool("lic-compiler", "compiler", total=6, commit=4, overage=2, price=Decimal("12.50")),
    Pool("lic-tester-a", "tester", total=2, commit=1, overage=1, price=Decimal("3.00")),
    Pool("lic-tester-b", "tester", total=3, commit=1, overage=1, price=Decimal("7.99")),
    Pool("lic-planner", GUARDED, total=3, commit=1, overage=2, price=Decimal("9.00")),
    Pool("lic-viewer", "viewer", total=2, commit=2, overage=0, price=Decimal("0.00")),
)
PRODUCTS = sorted({pool.product_id for pool in POOLS})


@dataclass(frozen=True, slots=True)
class Site(guarding.Sealed):
    """Where and with what a customer's applications ask."""

    tenant_id: str
    host: str
    key: str


def furnish(tenants: int) -> list[Site]:
    """A deployed database with `tenants` customers."""
    deploying.deploy(lambda line: None)
    secret = guarding.make_vendor_whose_applications_sign()
    sites = [_customer(f"customer-{number}", secret) for number in range(1, tenants + 1)]
    connection.close()
    return sites


def _customer(tenant_id: str, secret: str) -> Site:
    wanted = Application(
        tenant_id=tenant_id, company_name=tenant_id.title(), domain=f"{tenant_id}.example", region="eu-central",
        plan="enterprise", admin_email=f"admin@{tenant_id}.example",
    )  # fmt: skip
    verification.confirm(register(wanted, actor=SYSTEM).pk, verified_by="torture", actor=SYSTEM)
    with inside(tenant_id):
        for pool in POOLS:
            _grant(pool)
        key = issuing.issue(SYSTEM, owner=tenant_id, app_name="torture", restrictions=UNLIMITED).text
    sealed = guarding.guard(tenant_id, secret, UNLIMITED)
    host = f"{tenant_id}.{settings.BASE_DOMAIN}"
    return Site(**asdict(sealed), tenant_id=tenant_id, host=host, key=key)


def _grant(pool: Pool) -> None:
    now = clock.now()
    License.objects.create(
        id=pool.license_id, vendor_id=guarding.VENDOR, vendor_name="Vendor", product_id=pool.product_id,
        product_name=pool.product_id, package="-", total_licenses=pool.total, commit_qty=pool.commit, max_overage=pool.overage,
        commit_fee_monthly=Decimal(0), overage_per_use=pool.price, currency="EUR",
        starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=365), provisioned_at=now,
    )  # fmt: skip
