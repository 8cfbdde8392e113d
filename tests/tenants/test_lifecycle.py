"""An operator suspends, resumes, exports and deletes a tenant; the others notice nothing and the ledger stays."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from accounts import tokens
from accounts.models import Role, User
from audit.models import AuditEntry
from audit.outbox.models import OutboxEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.sealing import data_keys
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.models import DataKey
from tenants import export, lifecycle, queries, roles, verification
from tenants.context import inside
from tenants.models import Tenant
from tenants.ownership import owner_connection
from tenants.refusals import TenantNotReady, TenantTaken
from tests import builders, cast, sites
from tests.tenants.conftest import registered

pytestmark = pytest.mark.usefixtures("committed")


def owner_token(tenant_id: str) -> str:
    with inside(tenant_id):
        owner = User.objects.create(
            email=f"owner@{tenant_id}.example", role=Role.OWNER, password="pbkdf2$hash", created_at=clock.now()
        )
        return tokens.issue(owner, "laptop", actor=SYSTEM)[1]


def charge(tenant_id: str) -> None:
    with inside(tenant_id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.billing_usagerecord"
            " (entry, at, kind, tenant_id, vendor_id, license_id, product_id, amount, currency)"
            " VALUES (%s, now(), 'overage', %s, 'vector-de', 'lic-1', 'davinci', 500, 'EUR')",
            [f"of {tenant_id}", tenant_id],
        )


def ledger() -> list[tuple[str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, amount FROM billing_usagerecord ORDER BY tenant_id")
        return [(str(tenant_id), Decimal(amount)) for tenant_id, amount in cursor.fetchall()]


def test_a_suspended_tenant_is_refused_until_it_is_resumed() -> None:
    tokens_of = {customer.id: owner_token(customer.id) for customer in cast.CUSTOMERS}

    def statuses() -> list[int]:
        return [
            sites.tenant(name).ask("GET", "/api/v1/keys", key=token).status_code for name, token in tokens_of.items()
        ]

    assert statuses() == [200, 200]
    lifecycle.suspend("mercedes", actor=SYSTEM)
    lifecycle.suspend("mercedes", actor=SYSTEM)
    assert statuses() == [403, 200]
    refused = sites.tenant("mercedes").ask("GET", "/api/v1/keys", key=tokens_of["mercedes"])
    assert refused.json()["code"] == "tenant_suspended"
    lifecycle.resume("mercedes", actor=SYSTEM)
    assert statuses() == [200, 200]
    events = AuditEntry.objects.filter(subject_id="mercedes").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["tenant.suspended", "tenant.resumed"]


def test_a_stranger_is_neither_suspended_nor_resumed() -> None:
    with pytest.raises(NotFound):
        lifecycle.suspend("nobody", actor=SYSTEM)
    Tenant.objects.filter(id="bmw").update(status=Tenant.Status.PROVISIONING)
    with pytest.raises(TenantNotReady):
        lifecycle.resume("bmw", actor=SYSTEM)


def test_an_export_holds_what_is_the_tenants_and_no_secret(tmp_path: Path) -> None:
    token = owner_token("mercedes")
    with inside("mercedes"):
        builders.granted("lic-of-mercedes")
        key = builders.tenant_key()
    owner_token("bmw")
    charge("mercedes")
    charge("bmw")
    path = tmp_path / "mercedes.zip"
    rows = export.export("mercedes", path, actor=SYSTEM)
    with zipfile.ZipFile(path) as archive:
        tables = {
            name: [json.loads(line) for line in archive.open(name)] for name in archive.namelist() if name.endswith("l")
        }
        manifest = json.loads(archive.read("manifest.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert [user["email"] for user in tables["accounts_user.jsonl"]] == ["owner@mercedes.example"]
    assert [held["id"] for held in tables["licensing_license.jsonl"]] == ["lic-of-mercedes"]
    assert [record["tenant_id"] for record in tables["billing_usagerecord.jsonl"]] == ["mercedes"]
    assert (manifest["tenant_id"], manifest["rows"]) == ("mercedes", rows)
    assert rows["accounts_user"] == rows["licensing_license"] == rows["billing_usagerecord"] == 1
    of_bmw = ('"bmw"', "@bmw.", "of bmw")  # three letters alone stand in random ids, too
    for secret in (*of_bmw, "pbkdf2$hash", token, key, "secret_hash", "sealed"):
        assert secret not in everything
    assert AuditEntry.objects.get(event="tenant.exported").subject_id == "mercedes"


def test_an_export_replaces_no_file(tmp_path: Path) -> None:
    path = tmp_path / "mercedes.zip"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        export.export("mercedes", path, actor=SYSTEM)
    assert path.read_text() == "precious"


def test_a_deleted_tenant_leaves_its_id_and_the_ledger() -> None:
    registration = registered()
    verification.confirm(registration.pk, verified_by="dns", actor=SYSTEM)
    charge("acme")
    charge("bmw")
    for _ in range(2):  # as after a crash
        lifecycle.delete("acme", actor=SYSTEM)
    with owner_connection() as owner:
        assert owner.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'tenant_acme'").fetchone() is None
        assert (
            owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [roles.tenant_role("acme")]).fetchone() is None
        )
    row = Tenant.objects.get(id="acme")
    assert (row.status, row.is_provisioned, row.admin_email, row.domain) == (
        "deleted",
        False,
        "",
        "acme.deleted.invalid",
    )
    assert ledger() == [("acme", Decimal("500.00")), ("bmw", Decimal("500.00"))]
    assert queries.find_tenant_by_label("acme") is None
    assert sites.tenant("acme").ask("GET", "/api/v1/keys").status_code == 404
    assert not OutboxEntry.objects.filter(tenant_id="acme", done_at=None).exists()
    assert AuditEntry.objects.filter(event="tenant.deleted").count() == 1
    with pytest.raises(TenantTaken):
        registered()
    assert registered(tenant_id="acme-again").domain == "acme.example"


def test_nothing_sealed_leaves_and_a_deleted_tenants_data_keys_are_destroyed(tmp_path: Path) -> None:
    registration = registered()
    verification.confirm(registration.pk, verified_by="dns", actor=SYSTEM)
    key = DataKey.objects.get(owner="tenant:acme")
    export.export("acme", tmp_path / "acme.zip", actor=SYSTEM)
    with zipfile.ZipFile(tmp_path / "acme.zip") as archive:
        (row,) = archive.read("keys_signingkey.jsonl").splitlines()
    assert "sealed_private_key" not in json.loads(row)
    assert "kid" in json.loads(row)
    lifecycle.suspend("acme", actor=SYSTEM)
    lifecycle.delete("acme", actor=SYSTEM)
    key.refresh_from_db()
    assert (bytes(key.wrapped), key.destroyed_at is None) == (b"", False)
    with pytest.raises(Unsealable):
        data_keys.by_id(key.pk, key.owner)
