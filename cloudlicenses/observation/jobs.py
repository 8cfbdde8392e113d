"""Background jobs counted where all workers meet: a hash in Valkey, written by workers, read by `/metrics`.

Workers need no port of their own, and come and go. Lost with Valkey, as the broker's messages are; Prometheus takes a counter
that starts anew as it takes a restart. A worker that can't count still works.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import redis
import structlog
from celery import Task, signals
from django.conf import settings
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

HASH = "cl:metrics:jobs"
QUEUES = INWARD, OUTWARD = "celery", "outward"  # cloudlicenses/celery.py says which jobs are in which
PATIENCE_SECONDS = 1.0
TROUBLES = (redis.RedisError, OSError)

log = structlog.get_logger("metrics")
_started: dict[str, float] = {}


def observe_jobs() -> None:
    """Called once by the Celery application: its workers count what they do, and log as all of us do."""
    signals.setup_logging.connect(_leave_logging_alone)
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_count)


def _leave_logging_alone(**_: Any) -> None:
    """Celery sets up none of its own when somebody answers this signal."""


def _begin(task_id: str, task: Task, **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job=task.name, job_id=task_id)
    _started[task_id] = time.perf_counter()


def _count(task_id: str, task: Task, state: str | None = None, **_: Any) -> None:
    seconds = time.perf_counter() - _started.pop(task_id, time.perf_counter())
    try:
        with _valkey().pipeline(transaction=False) as pipeline:
            pipeline.hincrby(HASH, f"count|{task.name}|{state or 'unknown'}", 1)
            pipeline.hincrbyfloat(HASH, f"seconds|{task.name}|{state or 'unknown'}", round(seconds, 6))
            pipeline.execute()
    except TROUBLES as error:
        log.warning("job not counted", job=task.name, error=type(error).__name__)


class Jobs(Collector):
    """Jobs done and their time, by name and state, and how many wait in the queues."""

    def collect(self) -> Iterator[Metric]:
        try:
            figures, waiting = _read()
        except TROUBLES as error:
            log.warning("jobs unknown", error=type(error).__name__)
            return
        done = CounterMetricFamily("cloudlicenses_jobs", "Background jobs ended.", labels=["job", "state"])
        took = CounterMetricFamily("cloudlicenses_jobs_seconds", "Time spent in them.", labels=["job", "state"])
        for field, value in sorted(figures.items()):
            kind, job, state = field.split("|")
            (done if kind == "count" else took).add_metric([job, state], float(value))
        yield from (done, took)
        yield GaugeMetricFamily("cloudlicenses_jobs_waiting", "Messages in the broker's queues.", value=waiting)


def _read() -> tuple[dict[str, str], int]:
    with _valkey().pipeline(transaction=False) as pipeline:
        pipeline.hgetall(HASH)
        for queue in QUEUES:
            pipeline.llen(queue)
        figures, *waiting = pipeline.execute()
    return {name.decode(): value.decode() for name, value in figures.items()}, sum(waiting)


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )
