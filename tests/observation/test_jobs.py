"""Jobs in `/metrics`: counted by whichever worker did them, unknown while Valkey is away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery import Celery

from cloudlicenses.observation import jobs
from tests.sites import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(empty_cache: None) -> Iterator[Celery]:
    jobs._valkey.cache_clear()
    yield Celery("tests", broker="memory://", set_as_current=False, fixups=[])
    jobs._valkey.cache_clear()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def sweep(app: Celery) -> Any:
    def sweep(is_broken: bool = False) -> None:
        if is_broken:
            raise RuntimeError

    return app.task(sweep, name="tests.sweep", shared=False)


def shown(site: Site) -> list[str]:
    return [
        line for line in site.get("/metrics").content.decode().splitlines() if line.startswith("cloudlicenses_jobs")
    ]


def test_jobs_are_counted_by_name_and_state(apex: Site, sweep: Any) -> None:
    for is_broken in (False, False, True):
        sweep.apply(kwargs={"is_broken": is_broken})

    lines = shown(apex)
    assert 'cloudlicenses_jobs_total{job="tests.sweep",state="SUCCESS"} 2.0' in lines
    assert 'cloudlicenses_jobs_total{job="tests.sweep",state="FAILURE"} 1.0' in lines
    assert "cloudlicenses_jobs_waiting 0.0" in lines


def test_what_waits_is_counted_over_all_queues(apex: Site, app: Celery) -> None:
    for queue in jobs.QUEUES:
        jobs._valkey().lpush(queue, "a message", "another")
    assert "cloudlicenses_jobs_waiting 4.0" in shown(apex)


def test_without_valkey_jobs_work_and_are_not_shown(apex: Site, sweep: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    jobs._valkey.cache_clear()

    assert sweep.apply().state == "SUCCESS"
    assert shown(apex) == []
