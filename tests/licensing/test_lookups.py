"""What the plane looks up goes together, and one tenant's trouble stays its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg_pool import PoolTimeout

from cloudlicenses.asgi import _connection_options
from licensing.pipeline import Connection
from licensing.plane import lookups as looking
from licensing.plane.lookups import Lookups, Rows
from licensing.seats import Pool, is_away
from tenants import roles
from tenants.ownership import owner_connection

PATIENCE_SECONDS = 60
WHO = "SELECT current_setting('role'), current_schema(), now()"  # which is when the transaction began
LICENSES = "SELECT count(*) FROM licensing_license"

pytestmark = pytest.mark.usefixtures("committed")


@asynccontextmanager
async def opened(patience: float = PATIENCE_SECONDS, **options: Any) -> AsyncIterator[Lookups]:
    connecting = {**_connection_options(), **options}
    pools = [
        Pool(connection_class=Connection, kwargs=connecting, min_size=0, max_size=most, open=False, timeout=patience)
        for most in (8, 1)
    ]
    for pool in pools:
        await pool.open(wait=False)
    try:
        yield Lookups(*pools)
    finally:
        for pool in pools:
            await pool.close()


def answers(*questions: tuple[Any, ...], **options: Any) -> list[Rows | BaseException]:
    """To what was asked at the same time."""

    async def ask() -> list[Rows | BaseException]:
        async with opened(**options) as lookups:
            asking = (lookups.ask(*question) for question in questions)
            return await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), PATIENCE_SECONDS)

    return asyncio.run(ask())


def test_each_is_asked_as_its_own_tenant_and_answered_in_its_place() -> None:
    found = answers(("bmw", WHO), ("", WHO), ("mercedes", WHO), ("bmw", "SELECT %s, %s", 1, "two"))
    whose = [rows[0][:2] for rows in found[:3] if isinstance(rows, list)]
    assert whose == [
        (roles.tenant_role("bmw"), roles.schema_of("bmw")), ("none", "public"),
        (roles.tenant_role("mercedes"), roles.schema_of("mercedes")),
    ]  # fmt: skip
    assert found[3] == [(1, "two")]


def test_what_comes_while_others_are_answered_goes_together() -> None:
    tenants = ["mercedes", "bmw"] * 50
    found = answers(*((tenant_id, WHO) for tenant_id in tenants))
    rows = [rows[0] for rows in found if isinstance(rows, list)]
    assert [role for role, _, _ in rows] == [roles.tenant_role(tenant_id) for tenant_id in tenants]
    assert len({began for *_, began in rows}) == -(-len(tenants) // looking.MOST_TOGETHER)


def test_a_tenant_whose_tables_are_locked_delays_itself_alone() -> None:
    async def ask() -> tuple[Rows, bool, Rows]:
        lock = sql.SQL("LOCK TABLE {}.licensing_license IN ACCESS EXCLUSIVE MODE").format(
            sql.Identifier(roles.schema_of("mercedes"))
        )
        async with opened() as lookups:
            with owner_connection() as owner, owner.transaction():
                owner.execute(lock)
                waiting = asyncio.create_task(lookups.ask("mercedes", LICENSES))
                others = await asyncio.wait_for(lookups.ask("bmw", LICENSES), PATIENCE_SECONDS)
                was_answered = waiting.done()
            return others, was_answered, await waiting

    assert asyncio.run(ask()) == ([(0,)], False, [(0,)])


def test_a_tenant_in_trouble_takes_one_connection_however_much_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PATIENCE_ALONE_MS", 2 * PATIENCE_SECONDS * 1000)

    async def ask() -> tuple[Rows, list[bool], list[Rows]]:
        lock = sql.SQL("LOCK TABLE {}.licensing_license IN ACCESS EXCLUSIVE MODE").format(
            sql.Identifier(roles.schema_of("mercedes"))
        )
        async with opened() as lookups:
            with owner_connection() as owner, owner.transaction():
                owner.execute(lock)
                waiting = []
                for _ in range(
                    12
                ):  # more than there are connections, and each after the one before has failed together
                    waiting.append(asyncio.create_task(lookups.ask("mercedes", LICENSES)))
                    await asyncio.sleep(3 * looking.PATIENCE_TOGETHER_MS / 1000)
                in_trouble = asyncio.create_task(lookups.ask("tesla", "SELECT 1 / 0"))
                others = await asyncio.wait_for(lookups.ask("bmw", LICENSES), PATIENCE_SECONDS)
                were_answered = [task.done() for task in waiting]
                in_trouble.cancel()
            return others, were_answered, await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == ([(0,)], [False] * 12, [[(0,)]] * 12)


def test_what_fails_is_told_to_whoever_asked_it_and_to_nobody_else() -> None:
    gone, nonsense, fine = answers(("gone", LICENSES), ("mercedes", "SELECT 1 / 0"), ("bmw", LICENSES))
    assert isinstance(gone, psycopg.Error)
    assert isinstance(nonsense, psycopg.errors.DivisionByZero)
    assert fine == [(0,)]


def test_a_change_answers_nothing_and_is_kept() -> None:
    changed = "UPDATE licensing_license SET status = status"
    assert answers(("mercedes", changed), ("mercedes", LICENSES)) == [[], [(0,)]]


def test_a_database_that_is_away_is_told_to_all() -> None:
    found = answers(("mercedes", LICENSES), ("", WHO), patience=0.2, host="127.0.0.1", port=1)
    assert all(isinstance(error, PoolTimeout) and is_away(error) for error in found)


def test_whoever_goes_away_takes_nobodys_answer_with_them() -> None:
    async def ask() -> Rows:
        async with opened() as lookups:
            leaving, staying = (asyncio.create_task(lookups.ask(whose, LICENSES)) for whose in ("mercedes", "bmw"))
            await asyncio.sleep(0)
            leaving.cancel()
            return await asyncio.wait_for(staying, PATIENCE_SECONDS)

    assert asyncio.run(ask()) == [(0,)]


def test_a_database_that_does_not_answer_is_away_and_the_next_are_asked_over_another_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "MOST_SECONDS", 0.3)

    async def ask() -> tuple[BaseException, Rows]:
        async with opened() as lookups:
            (silent,) = await asyncio.gather(lookups.ask("", "SELECT pg_sleep(600)"), return_exceptions=True)
            assert isinstance(silent, BaseException)
            return silent, await asyncio.wait_for(lookups.ask("mercedes", LICENSES), PATIENCE_SECONDS)

    silent, later = asyncio.run(ask())
    assert isinstance(silent, Exception)
    assert is_away(silent)
    assert later == [(0,)]
