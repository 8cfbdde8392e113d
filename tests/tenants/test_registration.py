"""Registering: the contract's answer, every refusal by name, and nothing made but a pending registration."""

from __future__ import annotations

import socket
import threading
import time
from copy import deepcopy
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.db import connections
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from tenants.models import Registration, Tenant
from tenants.refusals import DomainTaken, TenantTaken
from tests import cast, sites
from tests.tenants.conftest import ACME, BODY, Pass, registered

REGISTER = "/api/v1/tenants/register"


def body(**changes: Any) -> dict[str, Any]:
    """`body(tenant__id="x")`: the request with one value changed."""
    changed = deepcopy(BODY)
    for path, value in changes.items():
        part, name = path.split("__")
        changed[part][name] = value
    return changed


@pytest.mark.django_db
def test_a_registration_says_which_record_proves_the_domain(apex: sites.Site) -> None:
    answer = apex.ask("POST", REGISTER, BODY)
    kept = Registration.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "tenant_id": "acme",
        "tenant_url": "http://acme.localhost:8000",
        "status": "pending_verification",
        "verification": {
            "method": "dns",
            "dns_record": {
                "type": "TXT",
                "name": "_cloudlicenses.acme.example",
                "value": f"cloudlicenses-verify={kept.token}",
            },
        },
        "next_steps": [
            "Add DNS TXT record to acme.example",
            "Wait for verification (usually < 5 minutes)",
            "Receive admin credentials via email",
        ],
    }
    assert {name: getattr(kept, name) for name in asdict(ACME)} == asdict(ACME)
    assert len(kept.token) == 32
    assert not Tenant.objects.filter(id="acme").exists()
    assert AuditEntry.objects.get().event == "registration.received"


@pytest.mark.django_db
def test_optional_fields_may_be_left_out(apex: sites.Site) -> None:
    asked = body()
    del asked["company"]["country"], asked["company"]["tax_id"], asked["admin"]["name"]
    assert apex.ask("POST", REGISTER, asked).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant__id": "ab"}, "tenant.id"),
        ({"tenant__id": "-acme"}, "tenant.id"),
        ({"tenant__id": "vendors"}, "tenant.id"),
        ({"tenant__region": "mars"}, "tenant.region"),
        ({"tenant__plan": "gold"}, "tenant.plan"),
        ({"company__domain": "acme"}, "company.domain"),
        ({"company__domain": "127.0.0.1"}, "company.domain"),
        ({"company__country": "Germany"}, "company.country"),
        ({"company__name": ""}, "company.name"),
        ({"company__name": "a\0b"}, "company.name"),
        ({"company__name": 7 * ["x"]}, "company.name"),
        ({"admin__email": "nobody"}, "admin.email"),
        ({"admin__email": None}, "admin.email"),
    ],
)
def test_a_wrong_field_is_named(apex: sites.Site, change: dict[str, Any], field: str) -> None:
    answer = apex.ask("POST", REGISTER, body(**change))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], [error["field"] for error in problem["errors"]]) == ("invalid_input", [field])
    assert not Registration.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", [{}, {"company": 1, "tenant": [], "admin": None}, {"company": {}, "tenant": {}, "admin": {}}]
)
def test_an_empty_request_names_what_is_missing(apex: sites.Site, sent: dict[str, Any]) -> None:
    answer = apex.ask("POST", REGISTER, sent)
    assert answer.status_code == 422
    assert {error["field"].split(".")[0] for error in answer.json()["errors"]} == {"company", "tenant", "admin"}


@pytest.mark.django_db
def test_the_same_company_may_ask_again(apex: sites.Site) -> None:
    first, second = apex.ask("POST", REGISTER, BODY), apex.ask("POST", REGISTER, BODY)
    assert (second.status_code, second.json()) == (201, first.json())
    assert Registration.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"admin__email": "mallory@evil.example"}, {"admin__name": "Mallory"}, {"tenant__plan": "free"}]
)
def test_whoever_says_something_else_gets_a_token_of_their_own(apex: sites.Site, change: dict[str, Any]) -> None:
    first, second = apex.ask("POST", REGISTER, BODY), apex.ask("POST", REGISTER, body(**change))
    assert second.status_code == 201
    assert second.json()["verification"] != first.json()["verification"]
    assert Registration.objects.count() == 2


@pytest.mark.django_db
def test_the_id_and_domain_of_a_tenant_are_taken() -> None:
    with pytest.raises(TenantTaken):
        registered(tenant_id=cast.MERCEDES.id)
    with pytest.raises(DomainTaken):
        registered(domain=cast.MERCEDES.domain)


@pytest.mark.django_db
def test_names_that_somebody_else_is_waiting_for_are_taken() -> None:
    registered()
    with pytest.raises(TenantTaken):
        registered(domain="other.example")
    with pytest.raises(DomainTaken):
        registered(tenant_id="acme-other")
    assert Registration.objects.count() == 1


@pytest.mark.django_db
def test_an_expired_registration_frees_its_names(let_pass: Pass) -> None:
    first = registered()
    let_pass(timedelta(hours=72, seconds=1))
    assert registered(domain="other.example").pk != first.pk
    assert registered(tenant_id="acme-other").pk != first.pk


def test_two_domains_ask_for_one_id_at_once_and_one_gets_it(committed: None) -> None:
    barrier, statuses = threading.Barrier(4), []

    def ask(number: int) -> None:
        barrier.wait()
        statuses.append(sites.apex().ask("POST", REGISTER, body(company__domain=f"acme{number}.example")).status_code)
        connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409, 409, 409]
    assert Registration.objects.count() == 1


@pytest.mark.django_db
def test_an_idempotency_key_replays_the_answer(apex: sites.Site) -> None:
    first = apex.ask("POST", REGISTER, BODY, idempotency_key="k-1")
    again = apex.ask("POST", REGISTER, BODY, idempotency_key="k-1")
    other = apex.ask("POST", REGISTER, body(tenant__id="acme-two"), idempotency_key="k-1")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert "Idempotency-Replayed" not in first


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_cache")
def test_one_address_can_register_only_so_often(apex: sites.Site, settings: Settings) -> None:
    settings.REGISTRATIONS_PER_HOUR = 2
    made = [apex.ask("POST", REGISTER, body(tenant__id=f"acme-{n}", company__domain=f"a{n}.example")) for n in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 429]
    assert made[2].json()["code"] == "rate_limited"
    assert 0 < int(made[2]["Retry-After"]) <= 3600
    elsewhere = sites.Site(settings.BASE_DOMAIN)
    elsewhere.defaults["REMOTE_ADDR"] = "2001:db8::7"
    assert elsewhere.ask("POST", REGISTER, BODY).status_code == 201


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_cache")
def test_refused_registrations_are_not_counted(apex: sites.Site, settings: Settings) -> None:
    settings.REGISTRATIONS_PER_HOUR = 1
    assert [apex.ask("POST", REGISTER, body(tenant__id="www")).status_code for _ in range(3)] == [422] * 3
    assert apex.ask("POST", REGISTER, BODY).status_code == 201


@pytest.mark.django_db
def test_without_valkey_nobody_is_refused(apex: sites.Site, settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    with pytest.raises(redis.ConnectionError):
        cache.get("anything")
    assert apex.ask("POST", REGISTER, BODY).status_code == 201


@pytest.mark.django_db
def test_a_valkey_that_hangs_costs_seconds_and_nothing_else(apex: sites.Site, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        settings.CACHES = {
            "default": settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"}
        }
        began = time.monotonic()
        assert apex.ask("POST", REGISTER, BODY).status_code == 201
        assert time.monotonic() - began < 30, "it hangs as long as it is waited for"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"{", 400, "malformed_request"),
        (b"[]", 400, "malformed_request"),
        (b"{" + 300_000 * b" " + b"}", 413, "body_too_large"),
    ],
)
def test_a_body_that_is_no_request(apex: sites.Site, sent: bytes, status: int, code: str) -> None:
    answer = apex.ask("POST", REGISTER, sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
