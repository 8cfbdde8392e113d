"""The night's cleaning: in `public` and at every tenant, and one that can't be cleaned holds up no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from cloudlicenses import housekeeping
from cloudlicenses.celery import app
from cloudlicenses.kit import clock
from cloudlicenses.web.models import IdempotentAnswer
from tenants.context import inside, platform
from tenants.models import Tenant

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


def test_every_task_of_the_beat_table_exists() -> None:
    app.loader.import_default_modules()
    assert {line["task"] for line in app.conf.beat_schedule.values()} <= set(app.tasks)
