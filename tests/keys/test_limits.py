"""Limits: the same in Valkey and in the process, all or nothing, and never in the way when Valkey is gone."""

from __future__ import annotations

import time

import pytest
from django.conf import settings

from cloudlicenses.kit.limits import Limit, Limiter, LocalLimiter


@pytest.fixture(params=["valkey", "process"])
def limiter(request: pytest.FixtureRequest, committed: None) -> Limiter | LocalLimiter:
    return Limiter(settings.REDIS_URL) if request.param == "valkey" else LocalLimiter()


def test_a_burst_then_a_wait(limiter: Limiter | LocalLimiter) -> None:
    limits = [Limit("a", 3, 60)]
    verdicts = [limiter.take(limits) for _ in range(4)]
    assert [verdict.passed for verdict in verdicts] == [True, True, True, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]
    assert 15 <= verdicts[3].retry_after <= 20


def test_it_fills_up_again(limiter: Limiter | LocalLimiter) -> None:
    limits = [Limit("b", 10, 1)]
    while limiter.take(limits).passed:
        pass
    time.sleep(0.25)
    assert limiter.take(limits).passed


def test_a_refused_request_counts_against_no_limit(limiter: Limiter | LocalLimiter) -> None:
    narrow, wide = Limit("narrow", 1, 60), Limit("wide", 100, 3600)
    assert limiter.take([narrow, wide]).passed
    assert not limiter.take([narrow, wide]).passed
    assert limiter.take([wide]).remaining == 98


def test_without_valkey_each_process_counts_for_itself() -> None:
    limiter = Limiter("redis://127.0.0.1:1/0")
    limits = [Limit("c", 2, 60)]
    assert [limiter.take(limits).passed for _ in range(3)] == [True, True, False]
