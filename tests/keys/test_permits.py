"""Who asks often takes permits in advance; nobody gets more through a limit by it, and nobody is starved."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import redis
from django.conf import settings

from cloudlicenses.kit.limiter import Answer, Limiter, Question
from cloudlicenses.kit.limits import Limit
from cloudlicenses.kit.permits import KEPT_SECONDS, SHARE, Permits

pytestmark = pytest.mark.usefixtures("committed")
PATIENCE_SECONDS = 60
LONG = 8_640_000  # of which no limit here gets anything back while a test is under way


@asynccontextmanager
async def opened() -> AsyncIterator[Limiter]:
    limiter = Limiter(settings.REDIS_URL, patience_seconds=PATIENCE_SECONDS)
    try:
        yield limiter
    finally:
        await limiter.close()


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        yield client


def limit(count: int, per: int = LONG) -> Limit:
    return Limit(f"permits-{os.urandom(4).hex()}", count, per)


async def passed_by(limiter: Limiter, *wanted: Limit, tries: int) -> int:
    return sum([(await limiter.take_async(wanted)).passed for _ in range(tries)])


def test_one_process_gets_just_so_many_through() -> None:
    async def ask() -> int:
        async with opened() as limiter:
            return await passed_by(limiter, limit(100), tries=300)

    assert asyncio.run(ask()) == 100


@pytest.mark.parametrize("processes", [2, SHARE, 2 * SHARE])
def test_any_number_of_processes_together_get_just_so_many_through(processes: int) -> None:
    async def ask() -> int:
        wanted = limit(320)
        async with AsyncExitStack() as stack:
            limiters = [await stack.enter_async_context(opened()) for _ in range(processes)]
            return sum(await asyncio.gather(*(passed_by(one, wanted, tries=320) for one in limiters)))

    assert asyncio.run(ask()) == 320


def test_far_from_its_end_a_limit_is_asked_about_a_few_times_for_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[Question]] = []
    put = Limiter._put

    async def noted(self: Limiter, questions: Sequence[Question]) -> list[Answer] | None:
        asked.append(questions)
        return await put(self, questions)

    async def ask() -> list[int]:
        async with opened() as limiter:
            return [(await limiter.take_async([wanted])).remaining for _ in range(500)]

    monkeypatch.setattr(Limiter, "_put", noted)
    monkeypatch.setattr("cloudlicenses.kit.permits.KEPT_SECONDS", 3600)  # however slow the machine is
    wanted = limit(100_000)
    assert asyncio.run(ask()) == list(range(99_999, 99_499, -1)), "permits in hand are left, too"
    assert len(asked) < 12


def test_of_several_limits_each_is_counted_once() -> None:
    async def ask() -> tuple[int, int]:
        narrow, wide = limit(50), limit(10_000)
        async with opened() as limiter, opened() as other:
            passed = await passed_by(limiter, wide, narrow, tries=80)
            await limiter.close()
            return passed, (await other.take_async([wide])).remaining

    assert asyncio.run(ask()) == (50, 9_949)


def test_permits_that_nobody_uses_are_given_back() -> None:
    async def ask() -> int:
        wanted = limit(1000)
        async with opened() as limiter, opened() as other:
            await passed_by(limiter, wanted, tries=10)
            until = time.monotonic() + PATIENCE_SECONDS
            while len(limiter._permits) and time.monotonic() < until:
                await asyncio.sleep(KEPT_SECONDS / 10)
            return (await other.take_async([wanted])).remaining

    assert asyncio.run(ask()) == 989


def test_whoever_asks_seldom_takes_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    permits, wanted, moment = Permits(), limit(100, 3600), [1000.0]
    monkeypatch.setattr("cloudlicenses.kit.permits.time.monotonic", lambda: moment[0])
    assert permits.wanted(wanted) == 0
    permits.learn(wanted, 36.0, 0, is_used=True)
    assert permits.wanted(wanted) == 2, "it comes again at once"
    moment[0] += KEPT_SECONDS + 0.1
    assert permits.wanted(wanted) == 0


def test_permits_of_a_limit_that_was_changed_are_worth_nothing() -> None:
    permits, wanted = Permits(), limit(100, 3600)
    permits.learn(wanted, 36.0, 3, is_used=True)
    assert permits.take([Limit(wanted.name, 50, wanted.per)]) is None
    assert permits.take([wanted]) is not None


def test_valkey_forgets_a_limit_that_is_as_if_never_used(valkey: redis.Redis) -> None:
    async def ask() -> None:
        async with opened() as limiter:
            await passed_by(limiter, wanted, tries=20)

    wanted = limit(100, 100)
    asyncio.run(ask())
    assert 10_000 < valkey.pttl(f"limit:{wanted.name}") <= 21_500, "20 of its seconds are used, and one more"
