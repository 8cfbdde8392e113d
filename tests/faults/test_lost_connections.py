"""The database takes no more connections: what can't be finished is refused as such, and the retry gets what was granted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from psycopg import sql

from licensing.models import Lease
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders, servers
from tests.licensing.workstations import HEARTBEAT, Workstation


@contextmanager
def no_more_connections() -> Iterator[None]:
    """Those that are there stay; who serves requests gets no new one."""
    role = sql.Identifier(str(settings.DATABASES["default"]["USER"]))
    with owner_connection() as owner:
        owner.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT 1").format(role))
        try:
            yield
        finally:
            owner.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT -1").format(role))


@pytest.mark.usefixtures("committed")
def test_a_lease_whose_signing_key_cannot_be_read_is_had_by_asking_again() -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=1, commit_qty=1, max_overage=0)
        key = builders.tenant_key()
    with servers.running() as server:
        workstation = Workstation(server, key)
        workstation.post(HEARTBEAT, {"lease_id": "lease-none"})  # the plane has its connection now, Django has none yet
        with no_more_connections():
            refused = workstation.check_out({"idempotency_key": "once"})
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        granted = workstation.check_out({"idempotency_key": "once"})
    assert granted.status_code == 201
    with inside("mercedes"):
        assert [lease.id for lease in Lease.objects.all()] == [granted.json()["lease_id"]]
