"""`/healthz` and `/readyz`: what a balancer and an orchestrator are told, with everything there and with something away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from cloudlicenses.web import health
from tests.sites import Site

pytestmark = pytest.mark.django_db
NOBODY_THERE = "1"


@pytest.fixture
def database_away(committed: None) -> Any:
    """The next connection is refused, as when PostgreSQL is being moved."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = NOBODY_THERE
    yield
    connection.close()
    connection.settings_dict["PORT"] = port


@pytest.fixture
def valkey_away(settings: Any) -> Any:
    settings.REDIS_URL = f"redis://127.0.0.1:{NOBODY_THERE}/0"
    health._valkey.cache_clear()
    yield
    health._valkey.cache_clear()


def test_all_is_well(apex: Site) -> None:
    answer = apex.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert {name: check["status"] for name, check in answer.json()["checks"].items()} == {
        "database": "ok",
        "migrations": "ok",
        "cache": "ok",
    }
    assert all(check["ms"] >= 0 for check in answer.json()["checks"].values())


@pytest.mark.parametrize("host", ["localhost:8000", "mercedes.localhost:8000", "10.0.0.7", "no-such-tenant.localhost"])
def test_probes_call_by_any_name(host: str) -> None:
    assert Site(host).get("/healthz").json() == {"status": "ok"}


def test_without_the_database_it_lives_but_is_not_ready(apex: Site, database_away: None) -> None:
    alive, ready = apex.get("/healthz"), apex.get("/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.headers["Retry-After"] == "5"
    assert ready.json()["status"] == "unready"
    assert ready.json()["checks"]["database"]["status"] == "unavailable"
    assert_says_nothing_of_where(ready)


def test_with_migrations_to_come_it_is_not_ready(apex: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrations_of_the_code", lambda: frozenset([("licensing", "9999_of_tomorrow")]))

    ready = apex.get("/readyz")

    assert ready.status_code == 503
    migrations = ready.json()["checks"]["migrations"]
    assert (migrations["status"], migrations["pending"]) == ("pending", 1)


def test_without_valkey_it_goes_on_degraded(apex: Site, valkey_away: None) -> None:
    ready = apex.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["checks"]["cache"]["status"] == "unavailable"
    assert_says_nothing_of_where(ready)


def test_probes_are_only_read(apex: Site) -> None:
    assert apex.post("/healthz").status_code == 405
    assert apex.post("/readyz").status_code == 405


def assert_says_nothing_of_where(answer: HttpResponse) -> None:
    text = answer.content.decode()
    assert "127.0.0.1" not in text
    assert "Error" not in text
    assert connection.settings_dict["NAME"] not in text
