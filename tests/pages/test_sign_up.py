"""A company signs up in a browser: the form, the DNS record to copy, the status until the address works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tenants.models import Registration
from tenants.verification import record_name, record_value
from tests import sites
from tests.tenants import authority

FORM = {
    "company_name": "ACME GmbH", "tenant_id": "acme", "domain": "acme.example", "country": "DE", "tax_id": "",
    "region": "eu-central", "plan": "professional", "admin_name": "Ada", "admin_email": "ada@acme.example",
}  # fmt: skip


@pytest.fixture
def dns(settings: Settings) -> Iterator[authority.Authority]:
    with authority.running() as running:
        settings.DNS_RESOLVERS = [("127.0.0.1", running.port)]
        yield running


@pytest.fixture
def status_path(db: None, apex: sites.Site) -> str:
    return str(apex.post("/signup", FORM).headers["Location"])


def test_the_form_leads_to_the_record_to_set(status_path: str, apex: sites.Site):
    registration = Registration.objects.get()
    assert (registration.tenant_id, registration.country, registration.admin_email) == (
        "acme",
        "DE",
        "ada@acme.example",
    )
    assert status_path == f"/signup/acme?token={registration.token}"
    page = apex.get(status_path).content.decode()
    assert record_name("acme.example") in page
    assert record_value(registration.token) in page
    assert 'hx-trigger="every 4s"' in page


def test_htmx_gets_the_progress_alone(status_path: str, apex: sites.Site):
    piece = apex.get(status_path, headers={"HX-Request": "true"}).content.decode()
    assert piece.strip().startswith('<div id="progress"')
    assert "<html" not in piece


def test_looking_now_says_what_was_found_instead(status_path: str, apex: sites.Site, dns: authority.Authority):
    dns.say(record_name("acme.example"), "v=spf1 -all")
    assert apex.post(status_path).headers["Location"] == status_path
    assert "v=spf1 -all" in apex.get(status_path).content.decode()


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
def test_without_the_token_nobody_learns_anything(token: str, status_path: str, apex: sites.Site):
    refused, unknown = apex.get(f"/signup/acme?token={token}"), apex.get(f"/signup/nobody?token={token}")
    assert refused.status_code == unknown.status_code == 404
    assert apex.post(f"/signup/acme?token={token}").status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"tenant_id": "mail"}, "tenant_id", "This name is reserved. Choose another."),
        ({"tenant_id": "a"}, "tenant_id", "Must be 3 to 40 characters"),
        ({"domain": "nonsense"}, "domain", "Must be a domain of your own"),
        ({"country": "XX"}, "country", "Select a valid choice."),
        ({"plan": "gold"}, "plan", "Select a valid choice."),
        ({"admin_email": "ada"}, "admin_email", "Enter a valid email address."),
        ({"company_name": ""}, "company_name", "This field is required."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, Any], field: str, said: str, db: None, apex: sites.Site):
    refused = apex.post("/signup", FORM | change)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f'id="id_{field}_error">{said}' in page
    assert not Registration.objects.exists()


def test_a_taken_name_is_said_above_the_form(db: None, apex: sites.Site):
    refused = apex.post("/signup", FORM | {"tenant_id": "mercedes"})
    assert refused.status_code == 409
    assert b"This tenant id is taken. Choose another." in refused.content


def test_sign_ups_count_with_registrations_by_the_api(db: None, apex: sites.Site, settings: Settings):
    settings.REGISTRATIONS_PER_HOUR = 1
    assert apex.post("/signup", FORM).status_code == 302
    assert apex.post("/signup", FORM | {"tenant_id": "other", "domain": "other.example"}).status_code == 429
    assert Registration.objects.count() == 1


def test_the_plan_of_the_front_page_is_chosen_already(apex: sites.Site, db: None):
    """And a plan that nobody offers is as if none were named."""
    front = apex.get("/").content.decode()
    for plan, chosen in (("professional", "professional"), ("golden", "free")):
        page = apex.get(f"/signup?plan={plan}").content.decode()
        assert re.findall(r'<input[^>]*name="plan"[^>]*value="(\w+)"[^>]*checked', page) == [chosen]
    assert 'href="/signup?plan=professional"' in front
    assert "199.00\xa0USD" in front


def test_countries_are_named_and_sorted_in_the_readers_language(apex: sites.Site, db: None):
    german = apex.get("/signup", headers={"accept-language": "de"}).content.decode()
    english = apex.get("/signup").content.decode()
    assert english.index(">Egypt<") < english.index(">Germany<") < english.index(">Zimbabwe<")
    assert german.index(">Afghanistan<") < german.index(">Ägypten<") < german.index(">Deutschland<")
