"""Whose eyes a statement sees with."""

from __future__ import annotations

from django.db import connection

from tenants import context, roles


def who() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_schema()")
        role, schema = cursor.fetchone()
    return role, schema


def test_a_tenants_scope_is_its_role_and_schema(db: None, mercedes: str) -> None:
    with context.inside(mercedes):
        assert who() == (roles.tenant_role(mercedes), "tenant_mercedes")
    assert who() == (roles.login_role(), "public")
