"""How often a key, a tenant and a plan may call: in the plane and in the control API, with its headers, and configurable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from cloudlicenses.kit import tokens
from cloudlicenses.kit.limits import LocalLimiter
from keys.rates import NOTED_PER_MINUTE, STRANGERS_NOTED_PER_MINUTE, limits_on, noting
from tenants import plans
from tenants.context import inside
from tests import builders, cast, servers
from tests.keys.test_restrictions import KEY
from tests.servers import Server
from tests.sites import Site

HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture(autouse=True)
def rates(settings: Settings) -> Iterator[Any]:
    def say(**of_enterprise: int) -> None:
        settings.PLAN_RATES = {"enterprise": of_enterprise}
        plans.rates_of.cache_clear()

    plans.rates_of.cache_clear()
    yield say
    plans.rates_of.cache_clear()


def counts(plan: str, *, is_checkout: bool = True, **of_key: int | None) -> list[tuple[int, int]]:
    return [
        (limit.count, limit.per)
        for limit in limits_on(replace(KEY, **of_key), "mercedes", plan, is_checkout=is_checkout)
    ]


def test_a_keys_own_limits_come_before_its_plans_and_the_tenants_before_nobody() -> None:
    assert counts("free") == [(1000, 3600), (100, 60), (600, 60)]
    assert counts("free", is_checkout=False) == [(1000, 3600), (600, 60)]
    assert counts("enterprise", requests_per_hour=7, checkouts_per_minute=3) == [(7, 3600), (3, 60)]
    assert counts("a plan that is none") == counts("free")


def test_a_plans_rates_are_configurable(rates: Any) -> None:
    rates(requests_per_hour=5, tenant_requests_per_minute=9)
    assert counts("enterprise") == [(5, 3600), (100, 60), (9, 60)]
    assert counts("free") == [(1000, 3600), (100, 60), (600, 60)]


@pytest.mark.django_db
def test_a_tenants_keys_share_its_limit_in_the_control_api(
    mercedes_site: Site, inside_mercedes: None, rates: Any
) -> None:
    rates(tenant_requests_per_minute=4)
    keys = [builders.tenant_key(), builders.tenant_key()]
    answers = [mercedes_site.ask("GET", "/api/v1/licenses", key=keys[number % 2]) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1].json()["code"] == "rate_limited"
    assert [answers[0].headers[name] for name in HEADERS][:2] == ["4", "3"]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15


@pytest.mark.django_db
def test_a_key_is_limited_for_itself(mercedes_site: Site, inside_mercedes: None) -> None:
    narrow, wide = builders.tenant_key(requests_per_hour=2), builders.tenant_key()
    assert [mercedes_site.ask("GET", "/api/v1/licenses", key=narrow).status_code for _ in range(3)] == [200, 200, 429]
    assert mercedes_site.ask("GET", "/api/v1/licenses", key=wide).status_code == 200


def test_a_keys_checkouts_are_limited_in_the_plane(server: Server) -> None:
    with inside(cast.MERCEDES.id):
        builders.granted(total_licenses=20, commit_qty=20, max_overage=0)
        key = builders.tenant_key(checkouts_per_minute=2)
    answers = [
        server.ask(
            "POST",
            "/api/v1/licenses/checkout",
            {"product_id": cast.DAVINCI.id, "user": f"u{number}"},
            label="mercedes",
            key=key,
        )
        for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0].headers["RateLimit-Limit"] == "2"
    assert answers[2].json()["code"] == "rate_limited"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_all_keys_of_a_small_plan_share_its_limit_in_the_plane(committed: None) -> None:
    """A server that was told so by its environment."""
    with inside(cast.BMW.id):
        keys = [builders.tenant_key(cast.BMW.id) for _ in range(2)]
    with servers.running(PLAN_RATES='{"startup": {"tenant_requests_per_minute": 3}}') as server:
        answers = [
            server.ask("POST", "/api/v1/licenses/heartbeat", {"lease_id": "x"}, label="bmw", key=keys[number % 2])
            for number in range(5)
        ]
    assert [answer.status_code for answer in answers] == [404] * 3 + [429] * 2
    assert answers[0].headers["RateLimit-Limit"] == "3"


@pytest.mark.django_db
@pytest.mark.parametrize("owner", ["mercedes", "bmw"])
def test_a_flood_of_refused_keys_fills_nobodys_audit_log(
    mercedes_site: Site, inside_mercedes: None, owner: str
) -> None:
    forged = tokens.mint("clsk", owner).text
    noted = AuditEntry.objects.filter(event="key.refused")
    answers = [mercedes_site.ask("GET", "/api/v1/licenses", key=forged) for _ in range(NOTED_PER_MINUTE)]
    assert noted.count() == NOTED_PER_MINUTE
    while noted.count() == len(answers) and len(answers) < 20 * NOTED_PER_MINUTE:  # some more are, as time goes by
        answers.append(mercedes_site.ask("GET", "/api/v1/licenses", key=forged))
    assert noted.count() < len(answers)
    assert {answer.status_code for answer in answers} == {401 if owner == "mercedes" else 403}


def test_strangers_from_many_networks_are_noted_together() -> None:
    limiter = LocalLimiter()
    noted = [limiter.take(noting("mercedes", "", f"2001:db8:0:{number:x}::1")).passed for number in range(1000)]
    assert STRANGERS_NOTED_PER_MINUTE <= sum(noted) < STRANGERS_NOTED_PER_MINUTE + 50
    one_customer = [limiter.take(noting("bmw", "", f"2001:db8::{number:x}")).passed for number in range(100)]
    assert NOTED_PER_MINUTE <= sum(one_customer) < NOTED_PER_MINUTE + 20
    assert limiter.take(noting("mercedes", "key-of-its-own", "2001:db8::1")).passed
