"""A tenant's log with something in it, a look at it, and receivers that answer over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from alerts import looking, sending, watching
from alerts.models import Alert
from alerts.watch.models import Watch
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants.context import inside, platform
from tests import builders
from tests.billing import receiver
from tests.billing.receiver import Receiver

MERCEDES = "mercedes"
HERE, THERE = "10.0.1.42", "203.0.113.9"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return put


@pytest.fixture(autouse=True)
def _from_here(request: pytest.FixtureRequest) -> None:
    """What tests before this one drew ids for and rolled back is not waited for."""
    for name in ("db", "committed"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
            with inside(MERCEDES):
                upto = AuditEntry.objects.create(event="test.begun", actor_kind="system").pk
            with platform():
                Watch.objects.update_or_create(  # a server may have noted a checkout of a test before
                    tenant_id=MERCEDES, defaults={"read_upto": upto, "look_at": None, "looked_at": None, "missing": []}
                )
            return


@pytest.fixture
def key(db: None) -> ApiKey:
    """Of workstation 042, months old."""
    with inside(MERCEDES):
        builders.tenant_key(id="key-042", app_name="Workstation 042", app_type="desktop")
        return ApiKey.objects.get()


@pytest.fixture
def systems(settings: Settings) -> Iterator[Receiver]:
    """Slack, PagerDuty and a system of the tenant's own, on this machine."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with receiver.running() as running:
        settings.SLACK_BASE_URL = settings.PAGERDUTY_BASE_URL = running.url("")
        yield running


def happened(event: str, *, at: datetime | None = None, times: int = 1, **entry: Any) -> None:
    """So many entries in Mercedes' log, as stories write them, at this time."""
    values = {"result": "refused" if entry.get("code") else "success", "actor_kind": "key"} | entry
    with inside(MERCEDES):
        for _ in range(times):
            AuditEntry.objects.create(event=event, at=at or clock.now(), **values)


def look() -> None:
    """As the job does, now."""
    with platform():
        watching.look_soon([MERCEDES])
    looking.look_due()


def alerts(**wanted: Any) -> list[Alert]:
    with inside(MERCEDES):
        return list(Alert.objects.filter(**wanted).order_by("first_at", "kind"))


def watch() -> Watch:
    with platform():
        return Watch.objects.get(tenant_id=MERCEDES)


def send() -> int:
    """Everything that waits, whenever it would be due."""
    return sending.send_due()


def entries() -> list[str]:
    with inside(MERCEDES):
        return list(AuditEntry.objects.order_by("id").values_list("event", flat=True))


def told() -> list[tuple[str, str, int]]:
    """Kind, subject and count of every alert."""
    return [(alert.kind, alert.subject_id, alert.count) for alert in alerts()]
