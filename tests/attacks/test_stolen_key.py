"""A stolen key in a script: at every address that takes one, the application's signature and its fingerprint are missed.

Generated from the urlconf, so a new address is looked at without anybody thinking of it. The plane's three addresses, which stand
in no urlconf, are looked at in tests/applications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from applications import fingerprints
from applications.signing import secrets
from audit.models import AuditEntry
from cloudlicenses.access.addresses import Address, addresses, api_of
from cloudlicenses.kit import clock
from keys.faces import TenantApi
from keys.issuing import APPLICATION_SCOPES
from licensing.models import Denial
from tenants import context
from tenants.hosts import URLCONFS
from tests import builders, cast, sites
from tests.attacks.intruders import AT_MERCEDES
from tests.attacks.routes import example_for, filled

LICENSE = "lic-of-davinci"


def taking_keys() -> list[tuple[Address, str]]:
    """Each address that a tenant's keys may call, with each method that they may."""
    found = [(address, api_of(address.view)) for address in addresses() if address.host == "tenant"]
    return [(address, method) for address, api in found if api and issubclass(api, TenantApi) for method in api.scopes]


KEYED = taking_keys()
NAMES = [f"{method} {address.route}" for address, method in KEYED]


@pytest.fixture
def stolen(db: None) -> str:
    """A key with every scope, of a customer with a product of each vendor, one of them in use."""
    with AT_MERCEDES():
        license_ = builders.granted(LICENSE, features=["can_editor"])
        builders.leased(license_)
        Denial.objects.create(product_id=cast.DAVINCI.id, code="no_licenses_available", user="eve", key_id="key-1")
        builders.granted("lic-of-multi", product=cast.MULTI, features=["can_editor"])
        return builders.tenant_key(scopes=APPLICATION_SCOPES)


@pytest.fixture
def signing(db: None) -> None:
    """Vector's applications have to sign; Green Hills' needn't."""
    with context.acting_for(cast.VECTOR.id):
        secrets.generate(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id)
        secrets.require(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id, is_required=True)


@pytest.fixture
def blocking(db: None) -> None:
    with AT_MERCEDES():
        fingerprints.set_mode(builders.actor(), cast.DAVINCI.id, "block")


def by_curl(key: str, address: Address, method: str, query: str = "", **headers: str) -> str:
    """What a script comes to that sends the documented example; the code of a refusal, or the whole answer."""
    where = filled(address, {"license_id": LICENSE}) + query
    answer = sites.tenant(cast.MERCEDES.id).ask(method, where, example_for(address, method), key=key, **headers)
    if answer.status_code == 403:
        return str(answer.json()["code"])
    return f"{answer.status_code} {answer.content.decode()}"


@pytest.mark.parametrize(("address", "method"), KEYED, ids=NAMES)
def test_without_the_applications_signature_it_is_refused(
    address: Address, method: str, stolen: str, signing: None
) -> None:
    assert by_curl(stolen, address, method) == "signature_invalid"
    assert by_curl(stolen, address, method, x_app_signature="v1.made.up") == "signature_invalid"


@pytest.mark.parametrize(("address", "method"), KEYED, ids=NAMES)
def test_without_a_known_fingerprint_it_is_refused(address: Address, method: str, stolen: str, blocking: None) -> None:
    assert by_curl(stolen, address, method) == "fingerprint_blocked"
    assert by_curl(stolen, address, method, x_app_fingerprint="curl") == "fingerprint_blocked"


@pytest.mark.parametrize(("address", "method"), KEYED, ids=NAMES)
def test_naming_another_product_shows_nothing_of_the_one_that_asks(
    address: Address, method: str, stolen: str, signing: None
) -> None:
    """Whatever is confined to a product, as it says, answers of that product alone."""
    query = f"?product_id={cast.MULTI.id}&license_id=lic-of-multi&start_date={clock.today()}&end_date={clock.today()}"
    said = by_curl(stolen, address, method, query)
    assert said == "signature_invalid" or (said.startswith("200") and cast.DAVINCI.id not in said)


def test_there_are_addresses_that_take_keys() -> None:
    assert {"GET api/v1/licenses", "POST api/v1/validate/feature", "POST api/v1/usage/track"} < set(NAMES)
    assert len(NAMES) >= 10


class Careless(TenantApi):
    """An address of somebody who thought of scopes alone."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": "license:read"}

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("careless", Careless.as_view())]


def test_an_address_added_tomorrow_asks_by_itself(monkeypatch: pytest.MonkeyPatch, stolen: str, signing: None) -> None:
    monkeypatch.setitem(URLCONFS, "tenant", __name__)
    ((added, method),) = taking_keys()
    answer = sites.tenant(cast.MERCEDES.id).ask(method, filled(added, {}), key=stolen)
    with AT_MERCEDES():
        noted = AuditEntry.objects.get(event="key.refused")
    assert (answer.status_code, noted.code) == (403, "signature_invalid")
