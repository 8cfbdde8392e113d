"""The operator's page about keys: how they stand, rotating one after a question, taking a new master key into use."""

from __future__ import annotations

import os

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from cloudlicenses.rotation import resealing
from cloudlicenses.sealing.models import DataKey
from keys import signing
from tenants.context import inside
from tests import sites
from tests.queries import fewest

PAGE = "/operator/encryption"


@pytest.fixture
def sealed(db: None) -> None:
    for tenant_id in ("mercedes", "bmw"):
        with inside(tenant_id):
            signing.ensure_signing_keys(tenant_id)


def test_without_secrets_there_are_no_keys(operator: sites.Site) -> None:
    assert b"No data keys yet" in operator.get(PAGE).content
    assert b"Nobody like this" in operator.get(f"{PAGE}?about=x").content


def test_a_key_is_rotated_after_a_question_and_the_page_says_how_far_it_is(operator: sites.Site, sealed: None) -> None:
    assert b"Rotate the data key of tenant:bmw?" in operator.get(f"{PAGE}/tenant:bmw/rotate").content
    assert DataKey.objects.count() == 2
    operator.post(f"{PAGE}/tenant:bmw/rotate")
    assert b"under way" in operator.get(PAGE).content
    assert b"has not come to its end yet" in operator.post(f"{PAGE}/tenant:bmw/rotate", follow=True).content
    resealing.reseal("tenant:bmw")
    assert b"the former key goes within two hours" in operator.get(PAGE).content
    entry = AuditEntry.objects.get(event="data_key.rotated")
    assert (entry.actor_label, entry.subject_id) == ("ops@cloudlicenses.example", "tenant:bmw")
    assert operator.get(f"{PAGE}/tenant:nobody/rotate").status_code == 404


def test_the_list_is_searched(operator: sites.Site, sealed: None) -> None:
    page = operator.get(f"{PAGE}?about=BMW").content.decode()
    assert "tenant:bmw" in page
    assert "tenant:mercedes" not in page


def test_a_new_master_key_is_taken_into_use(operator: sites.Site, sealed: None, settings: Settings) -> None:
    assert operator.get(f"{PAGE}/master-key").headers["Location"] == PAGE
    settings.MASTER_KEYS = [os.urandom(32), *django_settings.MASTER_KEYS]
    assert b"2 data keys are still wrapped by a former master key" in operator.get(PAGE).content
    assert b"Take the new master key into use?" in operator.get(f"{PAGE}/master-key").content
    assert b"2 data keys were wrapped again." in operator.post(f"{PAGE}/master-key", follow=True).content
    assert AuditEntry.objects.get(event="master_key.rotated").facts == {"rewrapped": 2}
    settings.MASTER_KEYS = [os.urandom(32)]
    assert b"MASTER_KEY lacks a key" in operator.get(PAGE).content


def test_the_page_takes_a_constant_number_of_queries(operator: sites.Site, sealed: None) -> None:
    def counted() -> int:
        return fewest(lambda: operator.get(PAGE))

    few = counted()
    for number in range(5):
        DataKey.objects.create(owner=f"vendor:v{number}", version=1, created_at="2026-01-01T00:00Z", wrapped_by="x")
    assert counted() == few
