"""A dump of a database in use opens nothing: no secret is in it in clear, and what is in it is no credential anywhere."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings as django_settings
from django.db import transaction
from pytest_django.fixtures import Settings

from accounts import invitations, resets, tokens, totp
from accounts.models import Role
from alerts import channels
from applications.signing import secrets
from audit import signing as log_signing
from audit.sealing import PLATFORM_LOG, log_of_tenant
from billing.webhooks import endpoints
from certificates import authorities
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.sealing import data_keys, master
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.sealing.rows import unseal
from keys import issuing, signing
from keys.models import SigningKey
from tenants import snapshot
from tenants.context import acting_for, inside
from tests import builders, cast, sites
from tests.accounts.conftest import Pass, PostOffice, let_pass, post_office
from tests.pages.conftest import sign_in

__all__ = ["let_pass", "post_office"]

ANNA, CAROL = "anna@mercedes-benz.com", "carol@mercedes-benz.com"
SALES = "owner@vector.example"
SESSION, DEVICE = django_settings.SESSION_COOKIE_NAME, "cl_device"
SLACK = "/services/T00000000/B00000000/of-nobody-who-is-there"
ROUTING_KEY = "0rout1ngkey0f4n1ntegrat10nHidden"
WEBHOOK_TOKEN = "the-vendors-own-bearer-token-4711"
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])")
pytestmark = pytest.mark.usefixtures("committed")


@dataclass
class Seen:
    """Every secret that was in clear somewhere, by what it is."""

    texts: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, bytes] = field(default_factory=dict)

    def writings(self) -> Iterator[tuple[str, str]]:
        """Each as it could stand in a dump: as it is, in hexadecimal (as `bytea` does), in base64."""
        for name, text in self.texts.items():
            yield name, text
            yield from _encoded(name, text.encode())
        for name, value in self.bytes.items():
            yield from _encoded(name, value)


def _encoded(name: str, value: bytes) -> Iterator[tuple[str, str]]:
    yield f"{name} in hex", value.hex()
    yield f"{name} in base64", base64.b64encode(value).decode().rstrip("=")[:-1]
    yield f"{name} in base64url", base64.urlsafe_b64encode(value).decode().rstrip("=")[:-1]


@pytest.fixture
def seen(let_pass: Pass, post_office: PostOffice) -> Seen:
    """A tenant, a vendor and an operator, with everything that anybody may have."""
    found = Seen()
    found.texts["the database's password"] = str(django_settings.DATABASE_LOGIN["PASSWORD"])
    found.texts["SECRET_KEY"] = django_settings.SECRET_KEY
    found.bytes["MASTER_KEY"] = django_settings.MASTER_KEYS[0]
    found.texts["a password"] = cast.PASSWORD
    _a_tenant(found, let_pass)
    _a_vendor(found)
    builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    operator = sign_in(sites.apex(), "ops@cloudlicenses.example", path="/operator/login")
    found.texts["an operator's session"] = operator.cookies[SESSION].value
    with transaction.atomic():
        found.bytes["the platform's log's key"] = unseal(log_signing.rotate(PLATFORM_LOG), "sealed_private_key")
    for key in DataKey.objects.all():
        found.bytes[f"the data key of {key.owner}"] = master.unwrap(bytes(key.wrapped), owner=key.owner, key_id=key.pk)
    return found


def _a_tenant(found: Seen, let_pass: Pass) -> None:
    site = sites.tenant(cast.MERCEDES.id)
    with inside(cast.MERCEDES.id):
        anna = builders.person(ANNA)
        builders.person(CAROL, role=Role.LICENSE_ADMIN)
        found.texts["a personal token"] = tokens.issue(anna, "laptop", actor=SYSTEM)[1]
        invitation = invitations.invite(email="bob@mercedes-benz.com", name="", role=Role.VIEWER, actor=SYSTEM)
        found.texts["an invitation"] = invitations.link_of(invitation).rsplit("/", 1)[1]
        signing.ensure_signing_keys(cast.MERCEDES.id)
        found.bytes["a tenant's signing key"] = unseal(SigningKey.objects.get(), "sealed_private_key")
        _what_a_tenant_signs_and_sends_with(found)
    made = site.ask(
        "POST", "/api/v1/keys/generate", {"app_name": "w"}, key=found.texts["a personal token"], idempotency_key="once"
    )
    found.texts["an application's key"] = made.json()["api_key"]
    found.texts["a session"] = sign_in(site, CAROL).cookies[SESSION].value
    found.texts["a browser's mark"] = site.cookies[DEVICE].value
    with inside(cast.MERCEDES.id):
        reset = resets.open_for(CAROL, asked_in="event-1")
        assert reset is not None
        found.texts["a reset link"] = resets.link_of(reset).rsplit("/", 1)[1]
        found.texts["an authenticator's secret"] = totp.secret_of(totp.begin(anna))
        code = pyotp.TOTP(found.texts["an authenticator's secret"]).at(clock.now())
        for number, recovery in enumerate(totp.confirm(anna, code, actor=SYSTEM)):
            found.texts[f"recovery code {number}"] = recovery
    let_pass(timedelta(minutes=2))


def _what_a_tenant_signs_and_sends_with(found: Seen) -> None:
    """In the tenant's scope."""
    log = log_of_tenant(cast.MERCEDES.id)
    with transaction.atomic():
        authority = authorities.issuer().key
        found.bytes["a log's key"] = unseal(log_signing.rotate(log), "sealed_private_key")
    found.bytes["an authority's key"] = authority.private_numbers().private_value.to_bytes(32, "big")
    whole = authority.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    found.bytes["an authority's key as it is sealed"] = whole
    channels.add("slack", {"url": f"{django_settings.SLACK_BASE_URL}{SLACK}"}, actor=SYSTEM, name="Slack")
    channels.add("pagerduty", {"routing_key": ROUTING_KEY}, actor=SYSTEM, name="PagerDuty")
    found.texts |= {
        "a Slack address": SLACK,
        "a PagerDuty key": ROUTING_KEY,
        "an alert webhook's address": "hidden-path-4711",
    }
    hook = {"url": "https://hooks.mercedes.example/hidden-path-4711"}
    found.texts["an alert webhook's secret"] = channels.add("webhook", hook, actor=SYSTEM, name="Hook")[1]


def _a_vendor(found: Seen) -> None:
    builders.person(SALES, role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
    found.texts["a vendor's session"] = sign_in(sites.vendors(), SALES).cookies[SESSION].value
    with acting_for(cast.VECTOR.id), transaction.atomic():
        found.texts["a vendor's key"] = issuing.issue(
            SYSTEM, owner=cast.VECTOR.id, app_name="CRM", scopes=issuing.VENDOR_SCOPES
        ).text
        signing.ensure_signing_keys(cast.VECTOR.id, (signing.EDDSA, signing.ML_DSA_65))
        for key in SigningKey.objects.all():
            found.bytes[f"a vendor's {key.algorithm} key"] = unseal(key, "sealed_private_key")
        product = secrets.generate(SYSTEM, cast.VECTOR.id, cast.DAVINCI.id)
        found.texts["a product's secret"] = product.text
        endpoint, secret = endpoints.add(
            cast.VECTOR.id,
            url="https://x.example/h",
            listens_to=["license.revoked"],
            authorization=WEBHOOK_TOKEN,
            actor=SYSTEM,
        )
        found.texts |= {"a webhook's former secret": secret, "a webhook's token": WEBHOOK_TOKEN}
        found.texts["a webhook's secret"] = endpoints.rotate_secret(endpoint.id, actor=SYSTEM)[1]
    answer = sites.vendors().ask(
        "POST", "/api/v1/keys", {"app_name": "second"}, key=found.texts["a vendor's key"],
        idempotency_key="once", x_vendor_id=cast.VECTOR.id,
    )  # fmt: skip
    found.texts["a vendor's second key"] = answer.json()["api_key"]


def dumped() -> str:
    command = [snapshot.pg_dump_binary(), "--inserts", snapshot.owner_url()]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_no_secret_is_in_a_dump_of_a_database_in_use(seen: Seen) -> None:
    dump = dumped()
    assert cast.MERCEDES.company_name in dump
    assert "sealed_private_key" in dump
    assert len(seen.texts) > 20
    assert [name for name, writing in seen.writings() if writing in dump] == []


def test_the_search_would_find_what_is_there(seen: Seen) -> None:
    """Public halves are in it as `bytea`, ids as text: so the search above looks where secrets would be."""
    with inside(cast.MERCEDES.id):
        public = bytes(SigningKey.objects.get().public_key)
    dump, there = dumped(), Seen(texts={"a domain": cast.MERCEDES.domain}, bytes={"a public key": public})
    assert {name for name, writing in there.writings() if writing in dump} == {"a domain", "a public key in hex"}


def test_what_a_thief_finds_in_a_dump_signs_in_nowhere(seen: Seen) -> None:
    stolen = sorted(set(HEX.findall(dumped())))
    assert len(stolen) > 10
    prefix_of_keys = f"clsk_{cast.MERCEDES.id}_"
    for text in stolen:
        shown = [text, prefix_of_keys + text, f"clpt_{cast.MERCEDES.id}_{text}"]
        assert {_status("/api/v1/licenses", f"Bearer {one}") for one in shown} == {401}, text
        for path in (f"/invitations/{text}", f"/resets/{text}"):
            assert sites.tenant(cast.MERCEDES.id).get(path).status_code in {404, 410}, text
        thief = sites.tenant(cast.MERCEDES.id)
        thief.cookies[SESSION] = text[:40]
        assert thief.get("/").status_code == 302, text
        assert thief.ask("GET", "/api/v1/licenses").status_code == 401, text


def test_a_session_works_by_what_the_browser_holds_alone(seen: Seen) -> None:
    """The same request as the thief's above, with the right key: it is let in."""
    site = sites.tenant(cast.MERCEDES.id)
    site.cookies[SESSION] = seen.texts["a session"]
    assert site.get("/").status_code == 200


def test_a_password_hash_is_no_password(seen: Seen) -> None:
    hashes = re.findall(r"'((?:argon2|pbkdf2|quick)[^']+)'", dumped())
    for text in hashes:
        answer = sites.tenant(cast.MERCEDES.id).post("/login", {"email": CAROL, "password": text})
        assert SESSION not in answer.cookies or answer.status_code != 302


def test_without_the_master_key_a_dump_opens_nothing(seen: Seen, settings: Settings) -> None:
    data_keys._open.forget_all()
    settings.MASTER_KEYS = [bytes(32)]
    with inside(cast.MERCEDES.id), pytest.raises(master.MasterKeyMissing):
        unseal(SigningKey.objects.get(), "sealed_private_key")


def _status(path: str, authorization: str) -> int:
    site = sites.tenant(cast.MERCEDES.id)
    return int(site.generic("GET", path, b"", headers={"authorization": authorization}).status_code)
