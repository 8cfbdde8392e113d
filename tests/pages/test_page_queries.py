"""Pages ask the database as often for fifty rows as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from benchmarks import past
from tenants import context
from tests import cast, sites
from tests.pages.conftest import Enter

PATHS = (
    "/", "/licenses", "/licenses?q=product&state=active", "/licenses/lic-00001", "/licenses/lic-00001/limits", "/usage",
    "/usage?days=90", "/costs", "/costs/charges", "/keys", "/keys/key-1", "/audit", "/audit?q=lease-1",
)  # fmt: skip


def asked(site: sites.Site, path: str) -> int:
    """The fewer of two: now and then a request notes that somebody is still here."""
    return min(once(site, path), once(site, path))


def once(site: sites.Site, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert site.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", PATHS)
def test_fifty_rows_take_as_many_queries_as_one(path: str, at_mercedes: Enter):
    site = at_mercedes(Role.OWNER)
    past.write(cast.MERCEDES.id, licenses=1, leases=6, held=1, denials=1)
    site.get(path)  # what is remembered between requests is remembered now
    one = asked(site, path)
    empty()
    past.write(cast.MERCEDES.id, licenses=50, leases=2000, held=60, denials=100)
    site.get(path)
    assert asked(site, path) == one


def empty() -> None:
    with context.inside(cast.MERCEDES.id), connection.cursor() as cursor:
        for table in ("licensing_lease", "licensing_denial", "licensing_license", "keys_apikey"):
            cursor.execute(f"DELETE FROM {table}")
    with context.platform(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM vendors_usagehour")
        cursor.execute("DELETE FROM vendors_tenanthour")
        cursor.execute("DELETE FROM vendors_usagewatermark")
        cursor.execute("DELETE FROM billing_statementline")
