"""What is measured: the real application in a process of its own, over a durable PostgreSQL, with tenants, licenses and keys.

Tenants have real schemas under roles of their own, made by the product's own provisioning; only the proof of the domain and the
invitation of an administrator are left out. Keys are bound to a network, a hostname and products, so that every check
of a request has something to look at.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks.scenario import Site

NOT_COLLECTED = ("-W", "ignore:No directory at:UserWarning")  # nobody asks for static files here
SERVER = (sys.executable, *NOT_COLLECTED, "-m", "cloudlicenses.serving", "--log-level", "warning", "--drain", "0")
HOSTNAME = "workstation-042"
READY_WITHIN_SECONDS = 60
STEPS = ("role", "schema", "signing_keys", "opening")  # what makes a tenant's host answer


@dataclass(frozen=True, slots=True)
class Scene:
    """A running server and everything needed to ask it, or to ask the database without it."""

    port: int
    pid: int
    sites: list[Site]
    database: dict[str, str]  # how the serving login role connects
    role_prefix: str
    tenants: list[str]


@dataclass(frozen=True, slots=True)
class Furniture:
    """So many tenants, each with so many licenses of so many seats."""

    tenants: int = 1
    licenses: int = 1
    seats: int = 10_000


TWENTY = Furniture(tenants=20, licenses=5)
THOUSAND = Furniture(tenants=1000, licenses=5)


@contextmanager
def furnished(wanted: Furniture) -> Iterator[list[Site]]:
    """A database of its own with what is wanted in it, all of it on the disk; how to ask for each tenant."""
    with database():
        sites = [furnish(tenant_name(number), wanted.licenses, wanted.seats) for number in range(1, wanted.tenants + 1)]
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
            owner.execute("CHECKPOINT")  # else the files of a thousand tenants are written while we measure
        yield sites


@contextmanager
def scene(sites: list[Site]) -> Iterator[Scene]:
    """A fresh server over the furnished database."""
    from django.conf import settings
    from django.db import connection

    from tenants import roles

    connection.close()
    kept: dict[str, Any] = settings.DATABASES["default"]
    login = {"PGHOST": kept["HOST"], "PGPORT": kept["PORT"], "PGDATABASE": kept["NAME"], "PGUSER": kept["USER"],
             "PGPASSWORD": kept["PASSWORD"]}  # fmt: skip
    with serving() as (port, pid):
        tenants = [site.host.partition(".")[0] for site in sites]
        yield Scene(port, pid, sites, login, roles.tenant_role_prefix(), tenants)


def tenant_name(number: int) -> str:
    return f"bench-{number:04}"


def product_name(number: int) -> str:
    return f"product-{number}"


@contextmanager
def database() -> Iterator[None]:
    """A database of its own, as a deploy leaves it. Needs DATABASE_URL and REDIS_URL of servers that commit durably."""
    name, outer = f"bench_{os.getpid()}", os.environ["DATABASE_URL"]
    with psycopg.connect(outer, dbname="postgres", autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        parts = conninfo_to_dict(outer)
        os.environ["DATABASE_URL"] = (
            f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
        )
        try:
            _deploy()
            yield
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            os.environ["DATABASE_URL"] = outer


@contextmanager
def serving(application: str = "cloudlicenses.asgi:application") -> Iterator[tuple[int, int]]:
    """The application, ready to answer; its port and process id."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    process = subprocess.Popen([*SERVER, "--application", application, "--port", str(port)])
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def furnish(tenant_id: str, licenses: int, seats: int) -> Site:
    """A tenant with its schema, its licenses, and a key that is bound to everything a key can be bound to but mTLS."""
    from cloudlicenses.kit.actor import SYSTEM
    from keys import issuing
    from tenants.context import inside

    _make_tenant(tenant_id)
    products = [product_name(number) for number in range(1, licenses + 1)]
    bound = issuing.Restrictions(
        allowed_hostnames=(HOSTNAME,), allowed_ip_ranges=("127.0.0.0/8",), allowed_products=tuple(products),
        checkouts_per_minute=1_000_000, requests_per_hour=100_000_000,
    )  # fmt: skip
    with inside(tenant_id):
        for product in products:
            grant(product, seats)
        key = issuing.issue(SYSTEM, owner=tenant_id, app_name="bench", restrictions=bound).text
    return Site(host_of(tenant_id), key, products, {"X-Hostname": HOSTNAME})


def grant(product: str, seats: int) -> None:
    """A license all of whose seats are commit seats; in the tenant's scope."""
    from cloudlicenses.kit import clock
    from licensing.models import License

    now = clock.now()
    License.objects.create(
        id=f"lic-{product}", vendor_id="vendor", vendor_name="Vendor", product_id=product, product_name=product, package="-",
        total_licenses=seats, commit_qty=seats, max_overage=0, commit_fee_monthly=Decimal(0), overage_per_use=Decimal(0),
        currency="EUR", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=365), provisioned_at=now,
    )  # fmt: skip


def host_of(tenant_id: str) -> str:
    from django.conf import settings

    return f"{tenant_id}.{settings.BASE_DOMAIN}"


def _deploy() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")
    os.environ["LOG_LEVEL"] = "WARNING"
    import django

    django.setup()
    from tenants import deploying

    deploying.deploy(lambda line: None)


def _make_tenant(tenant_id: str) -> None:
    """The tenant's row, then provisioning as far as its host answers."""
    from cloudlicenses.kit import clock
    from tenants import provisioning, roles
    from tenants.models import Tenant

    now, domain = clock.now(), f"{tenant_id}.example"
    tenant = Tenant.objects.create(
        id=tenant_id, schema_name=roles.schema_of(tenant_id), company_name=tenant_id, domain=domain, region="eu-central",
        plan="enterprise", crm_id=f"CUST-{tenant_id}", admin_email=f"admin@{domain}", created_at=now, verified_at=now,
    )  # fmt: skip
    provisioning.plan(tenant)
    wanted = [step for step in provisioning.configured_steps() if step.name in STEPS]
    if not provisioning.provision(tenant_id, wanted):
        raise RuntimeError(f"{tenant_id} could not be provisioned.")


def _wait(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("The server did not start.")
