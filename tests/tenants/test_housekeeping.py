"""Cleaning: in `public` and at every tenant once a day, a few at a time, and one that can't be cleaned holds up no other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import Session
from cloudlicenses import housekeeping
from cloudlicenses.celery import app
from cloudlicenses.kit import clock
from cloudlicenses.web.models import IdempotentAnswer
from tenants.context import inside, platform
from tenants.models import Tenant
from tenants.queries import claim_untidied
from tests.tenants.conftest import Pass

pytestmark = pytest.mark.usefixtures("committed")
SCOPES = (platform, lambda: inside("mercedes"), lambda: inside("bmw"))


def test_old_answers_and_ended_sessions_go_everywhere() -> None:
    now = clock.now()
    for scope in SCOPES:
        with scope():
            IdempotentAnswer.objects.create(caller="a", key="old", created_at=now - timedelta(hours=49))
            IdempotentAnswer.objects.create(caller="a", key="new", created_at=now - timedelta(hours=47))
            Session.objects.create(session_key="ended", expire_date=now - timedelta(seconds=1))
            Session.objects.create(session_key="alive", expire_date=now + timedelta(minutes=1))
    assert housekeeping.forget_what_is_old() == 6
    for scope in SCOPES:
        with scope():
            assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["new"]
            assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]


def test_a_tenant_without_its_schema_holds_up_no_other() -> None:
    Tenant.objects.filter(id="bmw").update(id="broken", schema_name="tenant_broken")
    with inside("mercedes"):
        IdempotentAnswer.objects.create(caller="a", key="old", created_at=clock.now() - timedelta(hours=49))
    assert housekeeping.forget_what_is_old() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone() == (True,)


def old_answers(number: int = 1) -> None:
    for key in range(number):
        IdempotentAnswer.objects.create(caller="a", key=f"old-{key}", created_at=clock.now() - timedelta(hours=49))


def test_a_tenants_turn_comes_once_a_day(let_pass: Pass) -> None:
    assert housekeeping.forget_what_is_old() == 0
    with inside("mercedes"):
        old_answers()
    let_pass(timedelta(hours=23))
    assert housekeeping.forget_what_is_old() == 0
    let_pass(timedelta(hours=1))
    assert housekeeping.forget_what_is_old() == 1
    assert housekeeping.forget_what_is_old() == 0


def test_a_worker_takes_a_few_tenants_at_a_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MOST_AT_ONCE", 1)
    for tenant_id in ("mercedes", "bmw"):
        with inside(tenant_id):
            old_answers(2)
    assert [housekeeping.forget_what_is_old() for _ in range(3)] == [2, 2, 0]


def test_two_workers_at_once_take_different_tenants() -> None:
    def take(_: int) -> str:
        try:
            with transaction.atomic():
                taken = claim_untidied(clock.now())
                both_have_one.wait()
                return taken
        finally:
            connection.close()

    both_have_one = threading.Barrier(2, timeout=120)
    with ThreadPoolExecutor(2) as workers:
        assert set(workers.map(take, range(2))) == {"mercedes", "bmw"}


def test_every_task_of_the_beat_table_exists() -> None:
    app.loader.import_default_modules()
    assert {line["task"] for line in app.conf.beat_schedule.values()} <= set(app.tasks)
