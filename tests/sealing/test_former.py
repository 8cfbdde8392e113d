"""What the master key itself had sealed is sealed again with its owner's data key, by the migration of its table."""

from __future__ import annotations

import hashlib
import importlib
import os
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import connection, migrations

from accounts.models import Totp
from billing.models import WebhookEndpoint
from cloudlicenses.kit import clock
from cloudlicenses.sealing.rows import unseal
from cloudlicenses.web.models import IdempotentAnswer
from keys.models import SigningKey
from tenants.context import acting_for, inside
from tests import builders, cast


def formerly_sealed(secret: bytes, *, purpose: str, place: str) -> bytes:
    """As the master key sealed."""
    master, nonce = settings.MASTER_KEYS[0], os.urandom(12)
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cloudlicenses/" + purpose.encode()).derive(master)
    mark = hashlib.sha256(b"mark" + master).digest()[:4]
    return b"\x01" + mark + nonce + AESGCM(derived).encrypt(nonce, secret, place.encode())


def run(module: str) -> None:
    """The part of a migration that seals again, in the present schema; twice, as after a kill."""
    migration: ModuleType = importlib.import_module(module)
    for operation in migration.Migration.operations * 2:
        if isinstance(operation, migrations.RunPython):
            operation.code(apps, connection.schema_editor())


@pytest.mark.usefixtures("db")
def test_a_vendors_endpoint() -> None:
    WebhookEndpoint.objects.create(
        id="wh_1", vendor_id=cast.VECTOR.id, url="https://x.example", events=[], created_at=clock.now(),
        sealed_secret=formerly_sealed(b"new", purpose="webhook secret", place="wh_1"),
        sealed_former_secret=formerly_sealed(b"old", purpose="webhook secret", place="wh_1"),
        authorization=formerly_sealed(b"token", purpose="webhook authorization", place="wh_1"),
    )  # fmt: skip
    run("billing.migrations.0005_sealed_by_data_keys")
    with acting_for(cast.VECTOR.id):
        kept = WebhookEndpoint.objects.get()
        columns = ("sealed_secret", "sealed_former_secret", "authorization")
        assert [unseal(kept, column) for column in columns] == [b"new", b"old", b"token"]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("tenant_id", ["mercedes", ""])
def test_signing_keys_and_answers(tenant_id: str) -> None:
    caller = "user:1" if tenant_id else f"vendor:{cast.VECTOR.id}:key"
    with inside(tenant_id) if tenant_id else acting_for(cast.VECTOR.id):
        SigningKey.objects.create(
            kid="kid", owner=tenant_id or cast.VECTOR.id, algorithm="EdDSA", public_key=b"p", created_at=clock.now(),
            sealed_private_key=formerly_sealed(b"seed", purpose="signing keys", place="kid"),
        )  # fmt: skip
        sealed = formerly_sealed(b"{}", purpose="idempotent answers", place=f"{caller}/k")
        IdempotentAnswer.objects.create(caller=caller, key="k", request_digest="d", status=201, body=sealed)
        IdempotentAnswer.objects.create(caller=caller, key="plane", request_digest="d", status=201, body=b'{"a": 1}')
        run("keys.migrations.0002_sealed_by_data_keys")
        run("cloudlicenses.web.migrations.0002_sealed_by_data_keys")
        assert unseal(SigningKey.objects.get(), "sealed_private_key") == b"seed"
        assert unseal(IdempotentAnswer.objects.get(key="k"), "body") == b"{}"
        assert bytes(IdempotentAnswer.objects.get(key="plane").body) == b'{"a": 1}'


@pytest.mark.usefixtures("db")
def test_authenticators_of_a_tenants_and_of_a_vendors_people() -> None:
    with inside("mercedes"):
        person = builders.person()
        sealed = formerly_sealed(b"totp", purpose="authenticator secrets", place=f"tenant_mercedes/{person.pk}")
        Totp.objects.create(user=person, sealed_secret=sealed, created_at=clock.now())
        run("accounts.migrations.0004_sealed_by_data_keys")
        assert unseal(Totp.objects.get(), "sealed_secret") == b"totp"
