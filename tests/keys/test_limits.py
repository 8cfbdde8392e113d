"""Limits: the same in Valkey and in the process, all or nothing, and never in the way when Valkey is gone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.conf import settings

from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.limits import Limit, LocalLimiter, Verdict


@pytest.fixture(params=["valkey", "process"])
def limiter(request: pytest.FixtureRequest, committed: None) -> Limiter | LocalLimiter:
    return Limiter(settings.REDIS_URL, patience_seconds=60) if request.param == "valkey" else LocalLimiter()


@asynccontextmanager
async def opened() -> AsyncIterator[Limiter]:
    limiter = Limiter(settings.REDIS_URL, patience_seconds=60)
    try:
        yield limiter
    finally:
        await limiter.close()


def test_a_burst_then_a_wait(limiter: Limiter | LocalLimiter) -> None:
    limits = [Limit("a", 3, 6_000)]
    verdicts = [limiter.take(limits) for _ in range(4)]
    assert [verdict.passed for verdict in verdicts] == [True, True, True, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]
    assert 1_800 <= verdicts[3].retry_after <= 2_000


def test_it_fills_up_again(limiter: Limiter | LocalLimiter) -> None:
    limits = [Limit("b", 4, 1)]
    while limiter.take(limits).passed:
        pass
    until = time.monotonic() + 60
    while not (passed := limiter.take(limits).passed) and time.monotonic() < until:
        time.sleep(0.05)
    assert passed


def test_a_refused_request_counts_against_no_limit(limiter: Limiter | LocalLimiter) -> None:
    narrow, wide = Limit("narrow", 1, 6_000), Limit("wide", 100, 360_000)
    assert limiter.take([narrow, wide]).passed
    assert not limiter.take([narrow, wide]).passed
    assert limiter.take([wide]).remaining == 98


def test_without_valkey_each_process_counts_for_itself() -> None:
    limiter = Limiter("redis://127.0.0.1:1/0")
    limits = [Limit("c", 2, 60)]
    assert [limiter.take(limits).passed for _ in range(3)] == [True, True, False]


def test_no_task_waits_for_ever_when_an_answer_cannot_be_read(committed: None) -> None:
    """A defect of ours is neither Valkey's error nor the network's."""
    limits = [Limit("d", 2, 60)]

    async def ask() -> tuple[list[Verdict | BaseException], Verdict]:
        async with opened() as limiter:
            broken = [limiter.take_async([Limit("e", 0, 60)]) for _ in range(3)]  # its seconds divided by none
            failed = await asyncio.wait_for(asyncio.gather(*broken, return_exceptions=True), 60)
            return failed, await asyncio.wait_for(limiter.take_async(limits), 60)

    failed, verdict = asyncio.run(ask())
    assert [type(error) for error in failed] == [ZeroDivisionError] * 3
    assert verdict.passed


def test_a_request_that_went_away_leaves_the_others_their_verdicts(committed: None) -> None:
    async def ask() -> list[object]:
        async with opened() as limiter:
            asking = [asyncio.create_task(limiter.take_async([Limit("f", 10, 60)])) for _ in range(5)]
            await asyncio.sleep(0)
            asking[0].cancel()
            asking[3].cancel()
            return await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 60)

    heard = asyncio.run(ask())
    assert [isinstance(one, Verdict) for one in heard] == [False, True, True, False, True]


def test_a_process_forgets_the_limits_that_are_nearly_full_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalLimiter, "MOST", 100)
    limiter, mine = LocalLimiter(), [Limit("mine", 2, 3600)]
    assert [limiter.take(mine).passed for _ in range(3)] == [True, True, False]
    for number in range(1000):
        limiter.take([Limit(f"stranger {number}", 10, 60)])
    assert len(limiter._tats) <= 101
    assert not limiter.take(mine).passed, "what is used up is kept, whatever many others do"


def test_threads_count_together() -> None:
    limiter, limits = LocalLimiter(), [Limit("g", 500, 864_000)]
    passed: list[bool] = []

    def take_some() -> None:
        passed.extend(limiter.take(limits).passed for _ in range(200))

    threads = [threading.Thread(target=take_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 500
