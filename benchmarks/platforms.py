"""A platform for the benchmark of deploys: a database of its own, tenants as the product makes them, web processes over it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Web:
    port: int
    process: subprocess.Popen[bytes]
    started_in: float

    def megabytes(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


@dataclass(slots=True)
class Platform:
    url: str
    keys: list[str] = field(default_factory=list)

    def hosts(self) -> list[str]:
        from django.conf import settings

        return [f"{_name(number)}.{settings.BASE_DOMAIN}" for number in range(len(self.keys))]

    def add_tenant(self) -> float:
        """One more, with a license and a key; how many seconds its provisioning took, once its domain was proved."""
        from cloudlicenses.kit.actor import SYSTEM
        from tenants import verification
        from tenants.registration import Application, register

        name = _name(len(self.keys))
        wanted = Application(
            tenant_id=name, company_name=name, domain=f"{name}.example", region="eu-central", plan="enterprise",
            admin_email=f"admin@{name}.example",
        )  # fmt: skip
        registration = register(wanted, actor=SYSTEM)
        started = time.perf_counter()
        verification.confirm(registration.pk, verified_by="benchmark", actor=SYSTEM)
        seconds = time.perf_counter() - started
        self.keys.append(_furnish(name))
        return seconds

    @contextmanager
    def serving(self) -> Iterator[Web]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        started = time.perf_counter()
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "cloudlicenses.serving",
                "--port",
                str(port),
                "--log-level",
                "warning",
                "--drain",
                "0",
            ]
        )
        try:
            _wait(port)
            yield Web(port, process, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(30)

    def look_for_work(self) -> dict[str, float]:
        """How long the jobs that run every few seconds look when there is nothing to do."""
        from audit import delivery
        from audit.outbox.models import OutboxEntry
        from billing.webhooks import sending
        from cloudlicenses.kit import clock
        from cloudlicenses.observation.backlogs import Backlogs
        from cloudlicenses.wiring import LISTENERS
        from licensing import reclaim
        from tenants import provisioning
        from tenants.context import inside

        OutboxEntry.objects.update(done_at=clock.now())  # the invitations of all these administrators
        looks = {
            "delivery": lambda: delivery.deliver_due(LISTENERS, inside=inside),
            "sweep": reclaim.reclaim_due,
            "provisioning": provisioning.continue_provisioning,
            "webhooks": sending.send_due,
            "backlogs of /metrics": lambda: list(Backlogs().collect()),
        }
        return {name: _seconds(look) for name, look in looks.items()}

    def backends(self) -> list[int]:
        """Of the roles that serve requests."""
        with psycopg.connect(self.url) as owner:
            found = owner.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user"
            )
            return [int(str(row[0])) for row in found.fetchall()]

    def take_back_the_column(self) -> None:
        from tenants import roles

        with psycopg.connect(self.url, autocommit=True) as owner:
            for number in range(len(self.keys)):
                schema = sql.Identifier(roles.schema_of(_name(number)))
                owner.execute(sql.SQL("ALTER TABLE {}.licensing_license DROP COLUMN later").format(schema))
                owner.execute(sql.SQL("DELETE FROM {}.django_migrations WHERE name = '9000_later'").format(schema))


@contextmanager
def made() -> Iterator[Platform]:
    """Needs DATABASE_URL and REDIS_URL of servers that commit durably (`make services`)."""
    name, outer = f"bench_{os.getpid()}", os.environ["DATABASE_URL"]
    with psycopg.connect(outer, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        parts = conninfo_to_dict(outer)
        url = f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
        os.environ.update(DATABASE_URL=url, LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")
        try:
            _prepare()
            yield Platform(url)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _prepare() -> None:
    import django

    django.setup()
    from tenants import deploying

    deploying.deploy(lambda line: None)


def _furnish(tenant_id: str) -> str:
    """The key of an application that may check out as often as it likes."""
    from cloudlicenses.kit import clock
    from cloudlicenses.kit.actor import SYSTEM
    from keys import issuing
    from licensing.models import License
    from tenants.context import inside

    now = clock.now()
    with inside(tenant_id):
        License.objects.create(
            id="lic", vendor_id="vendor", vendor_name="Vendor", product_id=PRODUCT, product_name="Product", package="-",
            total_licenses=100, commit_qty=100, max_overage=0, commit_fee_monthly=Decimal(0), overage_per_use=Decimal(0),
            currency="EUR", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=365), provisioned_at=now,
        )  # fmt: skip
        unlimited = issuing.Restrictions(checkouts_per_minute=1_000_000, requests_per_hour=100_000_000)
        return issuing.issue(SYSTEM, owner=tenant_id, app_name="bench", restrictions=unlimited).text


def _name(number: int) -> str:
    return f"tenant-{number:04}"


def _seconds(look: object) -> float:
    assert callable(look)
    started = time.perf_counter()
    look()
    return time.perf_counter() - started


def _wait(port: int) -> None:
    for _ in range(1000):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise TimeoutError("The server did not start.")
