"""Each entry is judged once and each alert raised once: whatever commits late, dies in the middle, or comes twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connections, transaction

from alerts import looking, watching
from alerts.gathering import Gathered
from alerts.watch.models import Watch
from audit import delivery, events
from audit.models import AuditEntry
from cloudlicenses.asgi import _pool
from cloudlicenses.kit import clock
from cloudlicenses.wiring import LISTENERS
from keys.models import ApiKey
from tenants.context import inside, platform
from tests import builders
from tests.alerts.conftest import MERCEDES, THERE, alerts, happened, look, watch
from tests.licensing.workstations import Workstation
from tests.servers import Server


@pytest.fixture
def committed_key(committed: None) -> str:
    with inside(MERCEDES):
        builders.tenant_key(id="key-042", app_name="Workstation 042")
    return "key-042"


def refused(times: int = 1) -> None:
    happened("key.refused", code="ip_not_allowed", key_id="key-042", ip=THERE, times=times)


def test_what_commits_late_is_counted_too_and_only_once(committed_key: str) -> None:
    """An entry draws its id, another transaction commits a later one, a look is taken, and only then the first commits."""
    drawn, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with inside(MERCEDES), transaction.atomic():
            AuditEntry.objects.create(
                event="key.refused",
                code="ip_not_allowed",
                result="refused",
                actor_kind="key",
                key_id="key-042",
                ip=THERE,
            )
            drawn.set()
            may_commit.wait(120)
        connections.close_all()

    thread = threading.Thread(target=slowly)
    thread.start()
    assert drawn.wait(120)
    refused()
    look()
    assert [alert.count for alert in alerts()] == [1]
    assert len(watch().missing) == 1
    may_commit.set()
    thread.join()
    look()
    look()
    assert [alert.count for alert in alerts()] == [2]
    assert watch().missing == []


def test_what_was_rolled_back_is_not_waited_for_for_ever(committed_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with inside(MERCEDES):
        try:
            with transaction.atomic():
                AuditEntry.objects.create(event="x.y", actor_kind="key")
                raise RuntimeError
        except RuntimeError:
            pass
    refused()
    look()
    assert len(watch().missing) == 1
    later = clock.now() + timedelta(seconds=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    deadline = time.monotonic() + 60
    while watch().missing and time.monotonic() < deadline:  # until whatever other tests had under way then is over, too
        look()
    assert watch().missing == []


def test_two_workers_at_once_raise_one_alert(committed_key: str) -> None:
    refused(times=50)
    with platform():
        watching.look_soon([MERCEDES])
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        looking.look(MERCEDES)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look()
    assert [alert.count for alert in alerts(kind="unknown_address")] == [50]


def test_whoever_was_looked_at_meanwhile_is_not_looked_at_again(db: None) -> None:
    look()
    before = watch()
    looking.look(MERCEDES)
    assert watch().looked_at == before.looked_at


DIE = """
import django; django.setup()
import os, signal
from alerts import deliveries, looking
def die(*args, **more): os.kill(os.getpid(), signal.SIGKILL)
deliveries.enqueue = die
looking.look_due()
"""


def test_a_worker_killed_in_the_middle_has_done_nothing_and_another_does_it_all(committed_key: str) -> None:
    refused(times=3)
    with platform():
        watching.look_soon([MERCEDES])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base"}
    died = subprocess.run([sys.executable, "-c", DIE], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert alerts() == []
    looking.look_due()
    assert [alert.count for alert in alerts()] == [3]
    looking.look_due()
    assert [alert.count for alert in alerts()] == [3]


def test_an_announcement_that_comes_twice_raises_one_alert(committed_key: str) -> None:
    with inside(MERCEDES):
        events.record("key.refused", actor=builders.actor("key"), code="wrong_tenant", subject=("key", "key-042"))
    for _ in range(2):
        delivery.deliver_due(LISTENERS, inside=inside)
        with platform():
            watching.note(delivery.Event(
                id="evt-1", name="key.refused", at=clock.now(), tenant_id=MERCEDES, vendor_id="", entry_id=1,
                actor=builders.actor(), subject=("", ""),
            ))  # fmt: skip
        looking.look_due()
    assert [alert.count for alert in alerts()] == [1]
    assert watch().look_at is not None, "when it will resolve by itself"


def test_a_checkout_is_noted_and_looked_at(server: Server) -> None:
    with inside(MERCEDES):
        builders.granted()
        workstation = Workstation(server, builders.tenant_key())
        key_id = ApiKey.objects.get().id
    long_ago = clock.now() - timedelta(days=30)
    happened("license.checked_out", key_id=key_id, ip="10.0.0.1", at=long_ago)
    look()
    before = watch().looked_at
    assert workstation.check_out().status_code == 201
    deadline = clock.now() + timedelta(seconds=60)
    while watch().looked_at == before and clock.now() < deadline:
        looking.look_due()
    assert [alert.kind for alert in alerts()] == ["unknown_address"]


def test_what_died_with_its_process_is_found_all_the_same(server: Server) -> None:
    """Nobody noted this checkout; but whoever has seats in use is looked at every minute."""
    with inside(MERCEDES):
        builders.granted()
    look()
    with platform():
        Watch.objects.update(look_at=None, looked_at=clock.now() - timedelta(minutes=2))
        watching.name_the_unnamed()
        assert Watch.objects.get().look_at is None, "nobody is at work there"
    with inside(MERCEDES):
        workstation = Workstation(server, builders.tenant_key())
    assert workstation.check_out().status_code == 201
    with platform():
        Watch.objects.all().delete()
        watching.name_the_unnamed()
    assert watch().look_at is not None


def test_whoever_is_idle_is_looked_at_once_a_day(db: None) -> None:
    look()
    with platform():
        Watch.objects.update(look_at=None, looked_at=clock.now() - timedelta(hours=23))
        watching.name_the_unnamed()
        assert Watch.objects.get().look_at is None
        Watch.objects.update(looked_at=clock.now() - timedelta(hours=25))
        watching.name_the_unnamed()
        assert Watch.objects.get().look_at is not None


def test_what_can_not_be_noted_now_is_kept(committed: None) -> None:
    async def gather() -> set[str]:
        pool = await _pool(1, 1)
        gathered = Gathered(pool)
        gathered.note(MERCEDES)
        await pool.close()
        await gathered.flush()
        return gathered._tenants

    assert asyncio.run(gather()) == {MERCEDES}


def test_a_tenant_that_fails_holds_up_nobody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with platform():
        watching.look_soon(["bmw", MERCEDES])
    real = looking.look

    def look_at(tenant_id: str) -> None:
        if tenant_id == "bmw":
            raise psycopg_error()
        real(tenant_id)

    monkeypatch.setattr(looking, "look", look_at)
    looking.look_due()
    with platform():
        assert Watch.objects.get(tenant_id=MERCEDES).looked_at
        assert Watch.objects.get(tenant_id="bmw").look_at > clock.now()


def psycopg_error() -> Exception:
    from django.db import OperationalError

    return OperationalError(psycopg.OperationalError("gone"))


def test_a_tenant_that_is_deleted_is_forgotten(db: None) -> None:
    look()
    watching.forget_tenant(delivery.Event(
        id="evt-1", name="tenant.deleted", at=clock.now(), tenant_id="", vendor_id="", entry_id=1, actor=builders.actor(),
        subject=("tenant", MERCEDES),
    ))  # fmt: skip
    with platform():
        assert not Watch.objects.filter(tenant_id=MERCEDES).exists()
