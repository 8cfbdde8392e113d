"""Grouping calls into transactions: whatever happens to one of them, everybody hears something, and soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cloudlicenses.asgi import _connection_options
from cloudlicenses.kit.refusals import Busy
from cloudlicenses.web import wakeups
from licensing import seats as grouping
from licensing.lanes import Kind
from licensing.models import License
from licensing.pipeline import Connection
from licensing.refusals import DatabaseAway
from licensing.seats import Pool, Seats
from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders

PATIENCE_SECONDS = 60
UNKNOWN = {"lease_id": "lease-none"}
NOT_FOUND = {"refused": "lease_not_found"}


@asynccontextmanager
async def opened(
    announce: Callable[[str], None] = print, patience: float = PATIENCE_SECONDS, **options: Any
) -> AsyncIterator[Seats]:
    connecting = {**_connection_options(), **options}
    pool, own = (
        Pool(connection_class=Connection, kwargs=connecting, min_size=0, max_size=most, open=False, timeout=patience)
        for most in (8, 1)
    )
    await pool.open(wait=False)
    await own.open(wait=False)
    try:
        yield Seats(pool, own, announce)
    finally:
        await pool.close()
        await own.close()


async def heard(seats: Seats, *calls: tuple[str, Kind, dict[str, Any]]) -> list[Any]:
    asking = (seats.ask(*call) for call in calls)
    return await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), PATIENCE_SECONDS)


def beat(tenant_id: str) -> tuple[str, Kind, dict[str, Any]]:
    return tenant_id, "heartbeats", UNKNOWN


@pytest.mark.usefixtures("committed")
def test_a_client_that_goes_away_in_the_middle_takes_nobodys_answer_with_it() -> None:
    async def ask() -> list[Any]:
        async with opened() as seats:
            await heard(seats, beat("mercedes"))
            asking = [asyncio.create_task(seats.ask(*beat("mercedes"))) for _ in range(3)]
            while not seats._shared.is_at_work or seats._shared.length:  # until their transaction is under way
                await asyncio.sleep(0)
            asking[1].cancel()
            rest = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), PATIENCE_SECONDS)
            return [*rest, *await heard(seats, beat("mercedes"))]

    first, gone, third, later = asyncio.run(ask())
    assert first == third == later == NOT_FOUND
    assert isinstance(gone, asyncio.CancelledError)


@pytest.mark.usefixtures("committed")
def test_a_connection_that_has_met_many_tenants_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what PostgreSQL remembers of tenants has a bound."""
    monkeypatch.setattr(grouping, "MOST_MET", 2)

    async def backends() -> list[int]:
        async with opened() as seats:
            found = []
            for tenant_id in ("mercedes", "mercedes", "bmw", "mercedes"):
                async with seats._own.connection() as connection:
                    found.append(connection.info.backend_pid)
                assert await heard(seats, beat(tenant_id)) == [NOT_FOUND]
            return found

    first, second, third, fourth = asyncio.run(backends())
    assert first == second == third != fourth


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(("met_by_then", "is_replaced"), [(2, True), (3, False)])
def test_while_tables_change_a_connection_that_has_met_some_is_replaced_once(
    monkeypatch: pytest.MonkeyPatch, met_by_then: int, *, is_replaced: bool
) -> None:
    """PostgreSQL looks through the plans of all whom it has met at each change."""
    monkeypatch.setattr(grouping, "MET_WHILE_TABLES_CHANGE", met_by_then)

    async def backends() -> list[int]:
        async with opened() as seats:
            found: list[int] = []
            for tenant_id in ("mercedes", "bmw", "mercedes", "bmw"):
                if len(found) == 2:
                    seats.forget(wakeups.TABLES, "")
                assert await heard(seats, beat(tenant_id)) == [NOT_FOUND]
                async with seats._own.connection() as connection:
                    found.append(connection.info.backend_pid)
            return found

    first, second, third, fourth = asyncio.run(backends())
    assert first == second
    assert (second != third) is is_replaced
    assert third == fourth


@pytest.mark.usefixtures("committed")
def test_a_defect_is_told_to_those_it_concerns_and_the_next_are_served() -> None:
    async def ask() -> list[Any]:
        async with opened() as seats:
            nonsense: Any = "nonsense"
            return [*await heard(seats, ("mercedes", nonsense, {})), *await heard(seats, beat("mercedes"))]

    defect, fine = asyncio.run(ask())
    assert isinstance(defect, AttributeError)
    assert fine == NOT_FOUND


@pytest.mark.usefixtures("committed")
def test_what_was_committed_is_answered_though_nobody_can_be_told_of_it() -> None:
    def fail(tenant_id: str) -> None:
        raise LookupError(tenant_id)

    async def ask() -> list[Any]:
        async with opened(fail) as seats:
            return await heard(seats, beat("mercedes"), beat("bmw"), beat("mercedes"))

    assert asyncio.run(ask()) == [NOT_FOUND] * 3


@pytest.mark.usefixtures("committed")
def test_of_a_batch_one_by_one_only_the_guilty_call_fails() -> None:
    """JSON holds a NUL character, PostgreSQL's text does not: the whole part fails."""

    async def ask() -> list[Any]:
        async with opened() as seats:
            broken: tuple[str, Kind, dict[str, Any]] = ("mercedes", "heartbeats", {"lease_id": "\0"})
            return await heard(seats, beat("bmw"), beat("mercedes"), broken, beat("mercedes"))

    at_bmw, before, guilty, after = asyncio.run(ask())
    assert at_bmw == before == after == NOT_FOUND
    assert isinstance(guilty, psycopg.errors.UntranslatableCharacter)


@pytest.mark.usefixtures("committed")
def test_whoever_is_locked_out_hears_it_in_bounded_time_and_is_not_in_others_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping, "PATIENCE_APART_MS", 1_000)
    with inside("bmw"):
        builders.granted("lic-locked", total_licenses=10, commit_qty=10, max_overage=0)
        product_id = License.objects.get().product_id
    wanted = {"product_id": product_id, "idempotency_key": "", "version": "", "versions": {}, "lease_id": "l"}

    async def ask() -> tuple[list[Any], list[Any], float, bool]:
        async with opened() as seats:
            await heard(seats, beat("bmw"), beat("mercedes"))
            began = time.monotonic()
            locked = asyncio.create_task(heard(seats, *[("bmw", "checkouts", wanted)] * 150))
            while not seats._shared.length:  # until they have asked
                await asyncio.sleep(0)
            while seats._shared.length and not locked.done():
                await asyncio.sleep(0.01)
            waits_elsewhere = not locked.done()
            free = await heard(seats, beat("mercedes"))
            return await locked, free, time.monotonic() - began, waits_elsewhere

    with owner_connection() as owner, owner.transaction():
        table = sql.Identifier(roles.schema_of("bmw"), "licensing_license")
        owner.execute(sql.SQL("SELECT FROM {} FOR UPDATE").format(table))
        locked, free, seconds, waits_elsewhere = asyncio.run(ask())
    assert {type(one) for one in locked} == {Busy}
    assert free == [NOT_FOUND]
    assert waits_elsewhere, "out of the way of the others"
    assert seconds < 60, "three transactions of 64 wait a second each; not each of 150 calls"


def test_without_a_database_nobody_waits_for_his_turn_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_TOGETHER", 1)

    async def ask() -> tuple[list[Any], float]:
        async with opened(patience=1, host="127.0.0.1", port=1) as seats:
            began = time.monotonic()
            return await heard(seats, *[beat("mercedes")] * 15), time.monotonic() - began

    answers, seconds = asyncio.run(ask())
    assert {type(one) for one in answers} == {DatabaseAway}
    assert seconds < 14, "one waits a second for a connection, not fifteen one after the other"


def test_tenants_that_were_apart_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "APART_SECONDS", -1.0)

    async def come_and_go() -> int:
        async with opened(host="127.0.0.1", port=1) as seats:
            for number in range(100):
                seats._set_apart(f"tenant-{number}", [])
                await asyncio.sleep(0)
            return len(seats._apart)

    assert asyncio.run(come_and_go()) <= 2
