"""What an operator does about people at the command line."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import call_command

from accounts.models import Role, Totp, User
from audit.models import AuditEntry
from tenants.context import inside
from tests import builders
from tests.accounts.test_second_factors import enrol


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_an_operator_who_has_lost_everything_starts_anew(db: None) -> None:
    operator = builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    enrol(operator)
    assert run("forget_second_factors", "--email", operator.email)["role"] == "operator"
    assert not Totp.objects.exists()
    assert User.objects.get().second_factor_since is None
    assert AuditEntry.objects.get(event="second_factors.forgotten").actor_kind == "operator"


def test_a_tenants_person_is_looked_for_there_alone(inside_mercedes: object) -> None:
    anna = builders.person()
    enrol(anna)
    run("forget_second_factors", "--email", anna.email, "--tenant", "mercedes")
    with inside("mercedes"):
        assert not Totp.objects.exists()


def test_the_access_table_names_every_address_and_who_may() -> None:
    table = run("access_table")
    assert table["GET tenant/users"] == ["owner", "license_admin"]
    assert table["POST vendors/team/invite"] == ["vendor_owner"]
    assert table["GET tenant/login"] == ["anyone"]
    assert table["GET vendors/api/v1/licenses"] == ["keys only"]
    assert table["DELETE tenant/api/v1/users/<str:user_id>"] == ["owner"]
