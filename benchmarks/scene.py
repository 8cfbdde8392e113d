"""What is measured: the real application in a process of its own, over durable PostgreSQL, with one tenant and one hot license."""

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

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

TENANT, PRODUCT, SEATS = "bench", "hot-product", 10_000


@dataclass(frozen=True, slots=True)
class Scene:
    port: int
    host: str
    key: str
    database: dict[str, str]  # how the serving login role connects
    role: str
    schema: str


@contextmanager
def scene() -> Iterator[Scene]:
    """Needs DATABASE_URL and REDIS_URL of servers that commit durably (`make services`)."""
    name = f"bench_{os.getpid()}"
    outer = os.environ["DATABASE_URL"]
    with psycopg.connect(outer, dbname="postgres", autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        parts = conninfo_to_dict(outer)
        os.environ["DATABASE_URL"] = (
            f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
        )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")
        os.environ["LOG_LEVEL"] = "WARNING"
        try:
            yield from _serving(_furnish())
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _furnish() -> Scene:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from cloudlicenses.kit import clock
    from cloudlicenses.kit.actor import SYSTEM
    from keys import issuing
    from licensing.models import License
    from tenants import deploying, roles, verification
    from tenants.context import inside
    from tenants.registration import Application, register

    deploying.deploy(lambda line: None)
    wanted = Application(
        tenant_id=TENANT, company_name="Bench", domain="bench.example", region="eu-central", plan="enterprise",
        admin_email="admin@bench.example",
    )  # fmt: skip
    verification.confirm(register(wanted, actor=SYSTEM).pk, verified_by="benchmark", actor=SYSTEM)
    now = clock.now()
    with inside(TENANT):
        License.objects.create(
            id="lic-hot", vendor_id="vendor", vendor_name="Vendor", product_id=PRODUCT, product_name="Hot", package="-",
            total_licenses=SEATS, commit_qty=SEATS, max_overage=0, commit_fee_monthly=Decimal(0), overage_per_use=Decimal(0),
            currency="EUR", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=365), provisioned_at=now,
        )  # fmt: skip
        unlimited = issuing.Restrictions(checkouts_per_minute=1_000_000, requests_per_hour=100_000_000)
        key = issuing.issue(SYSTEM, owner=TENANT, app_name="bench", restrictions=unlimited).text
    connection.close()
    database = settings.DATABASES["default"]
    login = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGDATABASE": database["NAME"],
             "PGUSER": database["USER"], "PGPASSWORD": database["PASSWORD"]}  # fmt: skip
    return Scene(0, f"{TENANT}.{settings.BASE_DOMAIN}", key, login, roles.tenant_role(TENANT), roles.schema_of(TENANT))


def _serving(furnished: Scene) -> Iterator[Scene]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "cloudlicenses.asgi:application", "--host", "127.0.0.1", "--port", str(port),
         "--no-access-log", "--log-level", "warning", "--no-proxy-headers"]
    )  # fmt: skip
    try:
        _wait(port)
        yield Scene(port, furnished.host, furnished.key, furnished.database, furnished.role, furnished.schema)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("The server did not start.")
