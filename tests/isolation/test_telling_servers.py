"""Web processes are told before a deploy changes tables, and left alone by one that changes nothing."""

from __future__ import annotations

import pytest

from cloudlicenses.web import wakeups
from tenants import deploying, roles
from tenants.ownership import owner_connection

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    kinds: list[str] = []
    monkeypatch.setattr(wakeups, "announce", lambda kind, name: kinds.append(kind))
    return kinds


def test_a_deploy_that_changes_nothing_tells_nobody(told: list[str]) -> None:
    deploying.deploy(lambda line: None)
    told.clear()  # whatever other tests had left to be mended
    deploying.deploy(lambda line: None)
    assert told == []


def test_they_are_told_before_rights_in_public_change(told: list[str]) -> None:
    deploying.deploy(lambda line: None)
    told.clear()
    with owner_connection() as owner:
        owner.execute("COMMENT ON FUNCTION public.cloudlicenses_tenant() IS 'something else'")
    deploying.deploy(lambda line: None)
    assert told == [wakeups.TABLES]


def test_they_are_told_before_tenants_tables_change_and_now_and_then(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    schemas = [roles.schema_of(tenant_id) for tenant_id in ("bmw", "mercedes")]
    deploying._migrate_tenants(schemas, lambda line: heard.extend((*told, line)))
    assert heard == [wakeups.TABLES, f"migrating {schemas[0]}", wakeups.TABLES, f"migrating {schemas[1]}"]
    assert told == [wakeups.TABLES]
    monkeypatch.setattr(deploying, "TOLD_EVERY_SECONDS", 0.0)
    deploying._migrate_tenants(schemas, lambda line: None)
    assert told == [wakeups.TABLES] * 3
