"""How the plane's statements are planned: by index from a tenant's first call on, whose tables are empty then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from licensing import leases
from licensing.checkout import Caller, Wanted, check_out
from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders, cast
from tests.isolation.crowds import gathered
from tests.licensing.test_seats import opened
from tests.races.asking import CALLER, KEY, TENANT, admit


@pytest.mark.usefixtures("committed")
def test_no_table_is_read_from_end_to_end() -> None:
    (tenant,) = gathered(1)  # whose tables nobody has read, to be told of meanwhile
    with inside(tenant):
        builders.granted()
    before = scans(tenant)
    asyncio.run(check_out_and_return(tenant, times=5))
    assert {table: count - before[table] for table, count in scans(tenant).items() if count > before[table]} == {}


async def check_out_and_return(tenant: str, times: int) -> None:
    caller = Caller(tenant, replace(KEY, owner=tenant), CALLER.presented)
    async with opened() as seats:
        for number in range(times):
            wanted = Wanted(
                product_id=cast.DAVINCI.id, user="alice", ttl=900, idempotency_key=f"k-{number}", digest="-"
            )
            granted = await check_out(seats, admit, caller, wanted)
            await leases.keep_alive(seats, admit, caller, granted.facts["lease_id"])
            await leases.give_back(seats, admit, caller, granted.facts["lease_id"], None)


def scans(tenant: str) -> dict[str, int]:
    """How often each of the tenant's tables was read whole; a connection tells at its end at the latest."""
    with owner_connection() as owner:
        found = owner.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = %s AND relname IN "
            "('licensing_lease', 'licensing_license', 'web_idempotentanswer')",
            [roles.schema_of(tenant)],
        )
        return dict(found.fetchall())


@pytest.mark.usefixtures("committed")
def test_autovacuum_looks_after_a_tenants_tables_by_thousands_of_rows() -> None:
    """Each look makes connections go through the plans of all tenants. A new table says so in the migration that makes it."""
    with owner_connection() as owner:
        found: list[tuple[Any, ...]] = owner.execute(
            "SELECT relname, coalesce(reloptions, '{}') FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
            [f'"{roles.schema_of(TENANT)}"'],
        ).fetchall()
    assert len(found) > 20
    options = {"autovacuum_analyze_threshold=20000", "autovacuum_vacuum_threshold=20000"}
    assert {name for name, given in found if not options <= set(given)} == set()
