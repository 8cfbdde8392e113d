"""Proving a domain, asked for: the contract's answers, from "not yet" to "verified", and who is refused."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from cloudlicenses.kit import clock
from tenants import txt_records
from tenants.models import Registration, Tenant
from tests import sites
from tests.tenants import authority
from tests.tenants.authority import Authority
from tests.tenants.conftest import Pass, registered, show_in_dns

VERIFY = "/api/v1/tenants/verify"
pytestmark = pytest.mark.usefixtures("committed")


def ask(apex: sites.Site, token: str, tenant_id: str = "acme") -> Any:
    return apex.ask("POST", VERIFY, {"tenant_id": tenant_id, "verification_token": token})


def test_the_record_is_there(apex: sites.Site, dns: Authority) -> None:
    registration = registered()
    show_in_dns(dns, registration)
    answer = ask(apex, registration.token)
    tenant = Tenant.objects.get(id="acme")
    assert answer.status_code == 200
    assert answer.json() == {
        "tenant_id": "acme",
        "status": "verified",
        "tenant_url": "http://acme.localhost:8000",
        "admin_login": "http://acme.localhost:8000/login",
        "crm_id": tenant.crm_id,
        "created_at": clock.rfc3339(tenant.created_at),
    }
    assert re.fullmatch(r"CUST-\d{5}", tenant.crm_id)
    assert (tenant.domain, tenant.admin_email, tenant.plan) == ("acme.example", "admin@acme.example", "professional")
    assert AuditEntry.objects.get(event="tenant.verified").facts["by"] == "dns"


def test_asking_again_gives_the_same_answer_without_dns(apex: sites.Site, dns: Authority) -> None:
    registration = registered()
    show_in_dns(dns, registration)
    first = ask(apex, registration.token)
    dns.zone.clear()
    again = ask(apex, registration.token)
    assert (again.status_code, again.json()) == (200, first.json())
    assert AuditEntry.objects.filter(event="tenant.verified").count() == 1


def test_the_tenants_host_answers_as_soon_as_it_is_verified(apex: sites.Site, dns: Authority) -> None:
    before = sites.tenant("acme").ask("GET", "/api/v1/licenses")
    registration = registered()
    show_in_dns(dns, registration)
    ask(apex, registration.token)
    time.sleep(1.1)  # for how long "no such host" is remembered
    assert before.status_code == 404
    assert sites.tenant("acme").ask("GET", "/api/v1/licenses").status_code == 401


def test_the_record_is_not_there_yet(apex: sites.Site, dns: Authority) -> None:
    registration = registered()
    dns.say("_cloudlicenses.acme.example", "v=spf1 -all", "cloudlicenses-verify=something else")
    answer = ask(apex, registration.token)
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert problem["code"] == "verification_pending"
    assert problem["looked_up"] == {
        "name": "_cloudlicenses.acme.example",
        "type": "TXT",
        "resolvers": [f"127.0.0.1:{dns.port}"],
    }
    assert sorted(problem["found"]) == ["cloudlicenses-verify=something else", "v=spf1 -all"]
    assert f"with the value cloudlicenses-verify={registration.token}" in problem["detail"]
    assert not Tenant.objects.filter(id="acme").exists()
    registration.refresh_from_db()
    assert sorted(registration.last_found) == sorted(problem["found"])


def test_another_token_is_refused_and_dns_is_not_asked(apex: sites.Site, dns: Authority) -> None:
    registration = registered()
    show_in_dns(dns, registration)
    answer = ask(apex, "0" * 32)
    assert (answer.status_code, answer.json()["code"]) == (403, "verification_token_mismatch")
    assert dns.asked == []
    assert not Tenant.objects.filter(id="acme").exists()


@pytest.mark.parametrize("tenant_id", ["nobody", "mercedes", "-", "' OR 1=1 --"])
def test_an_id_that_nobody_registered(apex: sites.Site, tenant_id: str) -> None:
    answer = ask(apex, "0" * 32, tenant_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_after_three_days_it_is_too_late(apex: sites.Site, dns: Authority, let_pass: Pass) -> None:
    registration = registered()
    show_in_dns(dns, registration)
    let_pass(timedelta(hours=72))
    answer = ask(apex, registration.token)
    assert (answer.status_code, answer.json()["code"]) == (409, "verification_expired")
    assert registered().token != registration.token


def test_the_record_decides_which_of_two_registrations_is_meant(apex: sites.Site, dns: Authority) -> None:
    strangers, own = registered(admin_email="mallory@evil.example"), registered()
    show_in_dns(dns, own)
    assert ask(apex, strangers.token).json()["code"] == "verification_pending"
    assert ask(apex, own.token).status_code == 200
    refused = ask(apex, strangers.token)
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant_taken")
    assert Tenant.objects.get(id="acme").admin_email == "admin@acme.example"
    assert Registration.objects.get(pk=strangers.pk).status == Registration.Status.CLOSED


def test_dns_that_fails_is_no_failure_of_ours(
    apex: sites.Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(txt_records, "UDP_SECONDS", 0.5)
    registration = registered()
    with authority.silent_port() as silent:
        settings.DNS_RESOLVERS = [("127.0.0.1", silent)]
        answer = ask(apex, registration.token)
    assert (answer.status_code, answer.json()["code"], answer.json()["found"]) == (409, "verification_pending", [])
    assert answer.json()["detail"].startswith("The DNS resolvers did not answer in time.")


@pytest.mark.parametrize(
    "sent", [{}, {"tenant_id": 7, "verification_token": {}}, {"tenant_id": "a\0", "verification_token": "x"}]
)
def test_a_request_without_sense(apex: sites.Site, sent: dict[str, object]) -> None:
    answer = apex.ask("POST", VERIFY, sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_progress_is_for_whoever_holds_the_token(apex: sites.Site, dns: Authority) -> None:
    registration = registered()
    before = apex.ask("GET", "/api/v1/tenants/acme/status", key=registration.token).json()
    show_in_dns(dns, registration)
    ask(apex, registration.token)
    after = apex.ask("GET", "/api/v1/tenants/acme/status", key=registration.token).json()
    assert (before["tenant_id"], before["status"], before["progress"]["done"]) == ("acme", "pending_verification", 0)
    assert [step["name"] for step in before["steps"]][:3] == ["domain_verification", "role", "schema"]
    assert {step["status"] for step in before["steps"]} == {"pending"}
    assert (after["status"], after["progress"]["done"]) == ("active", after["progress"]["total"])
    assert all(step["status"] == "done" and step["done_at"] for step in after["steps"])


@pytest.mark.parametrize("tenant_id", ["acme", "mercedes", "nobody"])
def test_progress_tells_others_nothing(apex: sites.Site, tenant_id: str) -> None:
    registered()
    wrong = apex.ask("GET", f"/api/v1/tenants/{tenant_id}/status", key="0" * 32)
    without = apex.ask("GET", f"/api/v1/tenants/{tenant_id}/status")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["detail"]) == (
        404,
        "not_found",
        "There is nothing here.",
    )
    assert (without.status_code, without.json()["code"]) == (401, "verification_token_missing")
