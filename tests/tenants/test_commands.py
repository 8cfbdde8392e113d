"""Operator commands, as a shell would call them: JSON out, one line for a refusal, everything audited."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import invitations, tokens
from accounts.models import Invitation, Role, User
from audit import events
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants import sealing
from tenants.context import acting_for, inside, platform
from tenants.models import Registration, Tenant
from tenants.ownership import owner_connection
from tests.tenants.conftest import registered

pytestmark = pytest.mark.usefixtures("committed")


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_verify_tenant_vouches_instead_of_dns() -> None:
    registered()
    for _ in range(2):
        answer = run("verify_tenant", "acme")
        assert answer["tenant_url"] == "http://acme.localhost:8000"
        assert (answer["tenant_id"], answer["status"]) == ("acme", "verified")
    assert Tenant.objects.get(id="acme").is_provisioned
    assert Registration.objects.get().verified_by.startswith("operator ")
    entry = AuditEntry.objects.get(event="tenant.verified")
    assert entry.actor_kind == "operator"


def test_verify_tenant_asks_which_of_several_is_meant() -> None:
    registered(admin_email="mallory@evil.example")
    registered()
    with pytest.raises(CommandError, match=r"Choose one with --email: .*mallory@evil\.example"):
        run("verify_tenant", "acme")
    run("verify_tenant", "acme", "--email", "Admin@acme.example")
    assert Tenant.objects.get(id="acme").admin_email == "admin@acme.example"


def test_verify_tenant_needs_a_registration() -> None:
    with pytest.raises(CommandError, match="No such registration is waiting"):
        run("verify_tenant", "acme")


def test_issue_token_gives_a_token_that_works() -> None:
    with inside("mercedes"):
        User.objects.create(email="admin@mercedes.example", role=Role.OWNER, created_at=clock.now())
    answer = run("issue_token", "--tenant", "mercedes", "--email", "Admin@mercedes.example", "--days", "1")
    with inside("mercedes"):
        assert tokens.recognise(answer["token"], "mercedes").user.email == "admin@mercedes.example"
        assert AuditEntry.objects.get(event="token.issued").actor_kind == "operator"


@pytest.mark.parametrize("tenant", ["mercedes", "nobody"])
def test_issue_token_needs_a_person(tenant: str) -> None:
    with pytest.raises(CommandError, match="not_found: There is no"):
        run("issue_token", "--tenant", tenant, "--email", "admin@mercedes.example")


def test_create_operator_invites() -> None:
    answer = run("create_operator", "--email", "olga@operator.example", "--name", "Olga")
    assert answer["invitation_url"].startswith("http://localhost:8000/invitations/")
    secret = answer["invitation_url"].rsplit("/", 1)[1]
    assert invitations.accept(secret, "correct horse battery staple").role == Role.OPERATOR
    with pytest.raises(CommandError, match="user_exists: Somebody with this e-mail address is here already"):
        run("create_operator", "--email", "olga@operator.example")
    with pytest.raises(CommandError, match="email: Must be an e-mail address"):
        run("create_operator", "--email", "olga")
    assert Invitation.objects.count() == 1


def test_a_tenant_is_suspended_and_resumed() -> None:
    assert run("tenant", "suspend", "mercedes") == {"tenant_id": "mercedes", "status": "suspended"}
    assert run("tenant", "resume", "mercedes") == {"tenant_id": "mercedes", "status": "active"}
    with pytest.raises(CommandError, match="not_found: There is nothing here"):
        run("tenant", "suspend", "nobody")


def test_deleting_needs_a_yes_and_exports_first(tmp_path: Path) -> None:
    path = tmp_path / "acme.zip"
    registered()
    run("verify_tenant", "acme")
    with pytest.raises(CommandError, match="Say so with --yes"):
        run("tenant", "delete", "acme", "--output", str(path))
    assert Tenant.objects.get(id="acme").status == Tenant.Status.ACTIVE
    assert not path.exists()
    answer = run("tenant", "delete", "acme", "--yes", "--output", str(path))
    assert (answer["status"], answer["file"]) == ("deleted", str(path))
    assert path.stat().st_size > 0
    assert run("tenant", "delete", "acme", "--yes") == {"tenant_id": "acme", "status": "deleted"}
    with pytest.raises(CommandError, match="tenant_not_ready: The tenant is deleted"):
        run("tenant", "export", "acme", "--output", str(tmp_path / "again.zip"))


def test_an_export_that_cannot_be_written_deletes_nothing(tmp_path: Path) -> None:
    registered()
    run("verify_tenant", "acme")
    with pytest.raises(CommandError, match="can't be written: No such file or directory"):
        run("tenant", "delete", "acme", "--yes", "--output", str(tmp_path / "nowhere" / "acme.zip"))
    with inside("acme"):
        assert User.objects.count() == 1


def test_lagging_schemas_are_named() -> None:
    assert run("lagging_schemas") == {"count": 0, "schemas": []}
    with owner_connection() as owner:
        done = owner.execute(
            "DELETE FROM tenant_bmw.django_migrations WHERE app = 'audit' RETURNING app, name"
        ).fetchall()
    try:
        assert run("lagging_schemas") == {"count": 1, "schemas": ["tenant_bmw"]}
    finally:
        with owner_connection() as owner:
            for row in done:
                owner.execute(
                    "INSERT INTO tenant_bmw.django_migrations (app, name, applied) VALUES (%s, %s, now())", row
                )


@pytest.mark.parametrize(
    ("whose", "log"),
    [([], "platform"), (["--vendor", "vector-de"], "vendor/vector-de"), (["--tenant", "mercedes"], "tenant/mercedes")],
)
def test_export_log_writes_what_the_verifier_reads_and_records_who_took_it(
    whose: list[str], log: str, tmp_path: Path
) -> None:
    for scope in (platform(), acting_for("vector-de"), inside("mercedes")):
        with scope:
            events.record("key.issued", actor=SYSTEM)
    sealing.seal_logs()
    answer = run("export_log", *whose, "--output", str(tmp_path / "log.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert (answer["log"], answer["entries"]) == (log, 1)
    assert [line["type"] for line in lines] == ["log", "leaf", "head"]
    assert {lines[0]["log"], lines[1]["entry"]["log"], lines[2]["log"]} == {log}
    assert AuditEntry.objects.get(event="log.exported").subject_id == log


def test_export_log_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no tenant"):
        run("export_log", "--tenant", "nobody", "--output", str(tmp_path / "log.jsonl"))
    with pytest.raises(CommandError, match="never had a signed head"):
        run("export_log", "--vendor", "nobody", "--output", str(tmp_path / "log.jsonl"))
    assert not (tmp_path / "log.jsonl").exists()
