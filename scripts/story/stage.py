"""The stage: the product itself — web, worker, scheduler — over an empty database, with its neighbours around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from scripts.story import neighbours

PATIENCE_SECONDS = 60
PYTHON = sys.executable
VALKEY_DATABASE = 15  # apart from whatever else uses the same server


@dataclass
class Stage:
    port: int
    environment: dict[str, str]
    zone: neighbours.Zone
    mailbox: neighbours.Mailbox
    billing_system: neighbours.BillingSystem

    @property
    def base_domain(self) -> str:
        return self.environment["BASE_DOMAIN"]

    def command(self, *words: str) -> dict[str, Any]:
        """An operator's command, with its one JSON object."""
        print(f"\n$ manage.py {' '.join(words)} --json")
        done = subprocess.run(
            [PYTHON, "manage.py", *words, "--json"], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"manage.py {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        print(done.stdout.strip())
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@contextmanager
def stage() -> Iterator[Stage]:
    """Everything started on entry, and ended on exit. Needs the services of `make services` (DATABASE_URL, REDIS_URL)."""
    with ExitStack() as opened:
        zone, dns_port = opened.enter_context(neighbours.dns())
        mailbox, mail_port = opened.enter_context(neighbours.mail())
        system = opened.enter_context(neighbours.billing_system())
        port = neighbours.free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": opened.enter_context(_database()),
            "REDIS_URL": f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{VALKEY_DATABASE}",
            "PORT": str(port),
            "BASE_DOMAIN": f"localhost:{port}",
            "DNS_RESOLVERS": f"127.0.0.1:{dns_port}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "TRUSTED_PROXIES": "127.0.0.0/8",  # so that the story can come from other networks, as through a proxy
            "WEBHOOKS_ALLOW_PRIVATE": "on",  # the vendor's billing system of the story is on this machine
            "LEASE_TTL_SECONDS": "900",
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "console",
            "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base",
        }
        subprocess.run([PYTHON, "manage.py", "prepare_database"], env=environment, check=True)
        _start(opened, environment, port)
        yield Stage(port, environment, zone, mailbox, system)


@contextmanager
def _database() -> Iterator[str]:
    """An empty one, dropped at the end."""
    outer = os.environ["DATABASE_URL"]
    name = f"story_{os.getpid()}"
    with psycopg.connect(outer, dbname="postgres", autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        parts = conninfo_to_dict(outer)
        try:
            yield f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _start(opened: ExitStack, environment: dict[str, str], port: int) -> None:
    schedule = opened.enter_context(tempfile.TemporaryDirectory())
    celery = [PYTHON, "-m", "celery", "-q", "-A", "cloudlicenses"]
    for command in (
        [PYTHON, "-m", "cloudlicenses.serving", "--port", str(port), "--log-level", "warning", "--drain", "0", "--grace", "3"],
        [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"],
        [*celery, "beat", "--loglevel", "WARNING", "-s", f"{schedule}/schedule"],
    ):  # fmt: skip
        process = subprocess.Popen(command, env=environment)
        opened.callback(_end, process)
    _wait_until_ready(port)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"The server was not ready within {PATIENCE_SECONDS} s.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
