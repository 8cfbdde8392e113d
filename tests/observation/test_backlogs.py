"""Backlogs in `/metrics`: how much waits, and for how long; unknown rather than wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from prometheus_client.metrics_core import Metric

from audit.outbox.models import OutboxEntry
from audit.seals.models import SealDue
from cloudlicenses.kit import clock
from cloudlicenses.observation import backlogs

pytestmark = pytest.mark.django_db


def measured() -> dict[str, tuple[float, float]]:
    rows, oldest = backlogs.Backlogs().collect()
    return {name: (_values(rows)[name], _values(oldest)[name]) for name in _values(rows)}


def _values(family: Metric) -> dict[str, float]:
    return {sample.labels["backlog"]: sample.value for sample in family.samples}


def test_nothing_waits() -> None:
    assert measured() == {backlog.name: (0, 0) for backlog in backlogs.BACKLOGS}


def test_what_is_not_announced_yet_waits() -> None:
    OutboxEntry.objects.create(event="tenant.verified", entry_id=1, at=clock.now() - timedelta(minutes=5))
    OutboxEntry.objects.create(event="tenant.verified", entry_id=2, done_at=clock.now())

    count, seconds = measured()["outbox"]
    assert count == 1
    assert 299 < seconds < 400


def test_a_log_that_can_not_be_sealed_waits_between_its_tries_too() -> None:
    tried, next_try = clock.now() - timedelta(minutes=10), clock.now() + timedelta(minutes=1)
    SealDue.objects.create(source="mercedes", due_at=next_try, failing_since=tried)
    SealDue.objects.create(source="bmw", due_at=next_try)

    count, seconds = measured()["logs_to_seal"]
    assert count == 1
    assert 599 < seconds < 700


def test_a_backlog_that_cannot_be_measured_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = backlogs.Backlog("lost", "no_such_table", "true", "at")
    monkeypatch.setattr(backlogs, "BACKLOGS", (lost,))

    assert measured() == {}


@pytest.mark.parametrize("backlog", backlogs.BACKLOGS, ids=lambda backlog: backlog.name)
def test_each_query_is_served_by_an_index(backlog: Any) -> None:
    """However large a table has grown, what waits in it is small, and found through a partial index."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + backlog.query)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "due_" in plan
