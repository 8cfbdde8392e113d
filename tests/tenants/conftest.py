"""ACME wants a tenant: what it asks for, a DNS authority for its domain, and time that stands where a test puts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants import txt_records
from tenants.models import Registration
from tenants.registration import Application, register
from tenants.verification import record_name, record_value
from tests.tenants import authority

Pass = Callable[[timedelta], None]

ACME = Application(
    tenant_id="acme", company_name="ACME GmbH", domain="acme.example", region="eu-central", plan="professional",
    admin_email="admin@acme.example", admin_name="License Administrator", country="DE", tax_id="DE123456789",
)  # fmt: skip
BODY: dict[str, Any] = {
    "company": {"name": "ACME GmbH", "domain": "acme.example", "country": "DE", "tax_id": "DE123456789"},
    "tenant": {"id": "acme", "region": "eu-central", "plan": "professional"},
    "admin": {"email": "admin@acme.example", "name": "License Administrator"},
}


def registered(**changes: Any) -> Registration:
    """ACME's registration, or one that differs."""
    return register(replace(ACME, **changes), actor=SYSTEM)


def show_in_dns(dns: authority.Authority, registration: Registration) -> None:
    dns.say(record_name(registration.domain), "v=spf1 -all", record_value(registration.token))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers is waited for, however busy this machine is."""
    for name in ("UDP_SECONDS", "TCP_SECONDS", "SECONDS_A_TRY"):
        monkeypatch.setattr(txt_records, name, 60.0)


@pytest.fixture
def dns(settings: Settings) -> Iterator[authority.Authority]:
    """The only resolver there is."""
    with authority.running() as running:
        settings.DNS_RESOLVERS = [("127.0.0.1", running.port)]
        yield running


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """`let_pass(timedelta(hours=1))`: it is that much later from now on."""
    ahead, real = timedelta(0), clock.now

    def now() -> datetime:
        return real() + ahead

    def put(more: timedelta) -> None:
        nonlocal ahead
        ahead += more

    monkeypatch.setattr(clock, "now", now)
    return put
