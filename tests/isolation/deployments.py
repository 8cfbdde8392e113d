"""Databases beside the worker's own, for trying deploys: made empty, prepared by the real command in a process, dropped."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tenants import snapshot
from tests.surroundings import WORKER, server_url

PROVISION = """
from cloudlicenses.kit import clock
from tenants import isolation, snapshot
from tenants.models import Tenant
from tenants.ownership import owner_connection
with owner_connection() as owner:
    for name in {names}:
        isolation.make_tenant_role(owner, name)
        snapshot.create_schema(owner, name)
        Tenant.objects.create(id=name, schema_name=f"tenant_{{name}}", domain=f"{{name}}.example", crm_id=name,
                              created_at=clock.now(), verified_at=clock.now(), is_provisioned=True)
"""

# What one process can be asked to do; several in a row cost only one start of Django.
STEPS = {
    "prepare": """
from django.core.management import call_command
call_command("prepare_database")
""",
    "provision": PROVISION.format(names=["mercedes", "bmw"]),
    "provision more": PROVISION.format(names=[f"tenant-{number:02}" for number in range(12)]),
    "look": """
from django.db import ProgrammingError, connection
from licensing.models import License
from tenants.context import inside
with inside("mercedes"), connection.cursor() as cursor:
    cursor.execute("SELECT id FROM tenants_tenant")
    print(License.objects.count(), cursor.fetchall())
    try:
        cursor.execute("SELECT * FROM tenant_bmw.licensing_license")
    except ProgrammingError as error:
        print(error.__cause__.sqlstate)
""",
    "go back": """
from django.core.management import call_command
from tenants.ownership import django_as_owner
with django_as_owner():
    call_command("migrate_schemas", "licensing", "0001", tenant=True, schema_name="tenant_bmw", interactive=False, verbosity=0)
""",
    "close": """
from django.core.management import call_command
call_command("close_catalogue")
""",
}


@dataclass(frozen=True, slots=True)
class Deployment:
    name: str
    url: str

    def run(self, *steps: str) -> subprocess.CompletedProcess[str]:
        """The steps, in one process of the product over this database."""
        script = "import django; django.setup()" + "".join(STEPS[step] for step in steps)
        return subprocess.run(
            [sys.executable, "-c", script],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def environment(self, settings: str = "cloudlicenses.settings.base") -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": settings}

    def as_user(self, user: str, password: str) -> Deployment:
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return Deployment(self.name, urlunsplit(parts._replace(netloc=f"{user}:{quote(password)}@{place}")))

    def description(self) -> str:
        """Everything a dump says of structure, owners, rights and policies; not what a deploy wrote down of its work here."""
        result = subprocess.run(
            [snapshot.pg_dump_binary(), "--schema-only", self.url], check=True, capture_output=True, text=True
        )
        left_out = ("\\", "--", "COMMENT ON FUNCTION public.cloudlicenses_tenant()")
        return "\n".join(line for line in result.stdout.splitlines() if not line.startswith(left_out))

    def rewritten(self) -> list[tuple[object, ...]]:
        """Of what is shared in `public`, which transaction wrote it last: who changes it disturbs every connection."""
        with psycopg.connect(self.url) as owner:
            return owner.execute("""
                SELECT 'pg_class', oid::regclass::text, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT 'pg_proc', oid::regprocedure::text, xmin::text
                          FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL SELECT 'pg_namespace', nspname, xmin::text FROM pg_namespace ORDER BY 1, 2
            """).fetchall()


@contextmanager
def deployment(suffix: str, owner: str = "") -> Iterator[Deployment]:
    """An empty database; on exit it and its roles are dropped."""
    own = urlsplit(server_url())
    name = f"deploy_{suffix}_{WORKER}"
    _drop(name)
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if owner:
            server.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner)))
    try:
        yield Deployment(name, urlunsplit(own._replace(path=f"/{name}")))
    finally:
        _drop(name)


def _drop(name: str) -> None:
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        drop_roles(server, role_prefix(name))


def drop_roles(server: psycopg.Connection[tuple[object, ...]], prefix: str) -> None:
    for (role,) in server.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [prefix]).fetchall():
        server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(str(role))))


def role_prefix(database: str) -> str:
    """What the settings make of this database's name."""
    return "cl_" + hashlib.sha256(database.encode()).hexdigest()[:8] + "_"
