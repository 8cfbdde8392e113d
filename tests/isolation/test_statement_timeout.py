"""How long a statement may take: a request's not long, a job's longer, the owner's as long as it needs."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from cloudlicenses.asgi import _connection_options
from cloudlicenses.kit import patience
from tenants import roles
from tenants.context import inside
from tenants.ownership import owner_connection

SHOWN = """
import django; django.setup()
from django.db import connection
from tenants.context import inside
from tenants.ownership import owner_connection
def show():
    with inside("mercedes"), connection.cursor() as cursor, owner_connection() as owner:
        cursor.execute("SHOW statement_timeout")
        return f"{cursor.fetchone()[0]} {owner.execute('SHOW statement_timeout').fetchone()[0]}"
"""
A_JOB = """
from celery import signals
from cloudlicenses.celery import app
signals.worker_init.send(sender=None)
print(show())
"""
A_COMMAND = """
from cloudlicenses.web.commands import OperatorCommand
class Command(OperatorCommand):
    def act(self, options, actor):
        return {"limits": show()}
Command().run_from_argv(["manage.py", "show"])
"""

pytestmark = pytest.mark.usefixtures("committed")


def said(script: str) -> str:
    database = settings.DATABASES["default"]
    owner = settings.DATABASE_OWNER
    url = f"postgresql://{owner['USER']}:{owner['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    done = subprocess.run(
        [sys.executable, "-c", SHOWN + script],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_request_has_the_login_roles_limit() -> None:
    assert said("print(show())") == "30s 0"
    with psycopg.connect(**_connection_options()) as plane:
        assert plane.execute("SHOW statement_timeout").fetchone() == ("30s",)


def test_a_job_has_more_and_the_owner_has_none() -> None:
    assert said(A_JOB) == "10min 0"


def test_so_has_an_operators_command() -> None:
    assert said(A_COMMAND) == "limits: 10min 0"


def test_a_command_that_is_called_changes_nothing_for_who_calls_it() -> None:
    call_command("recount_usage")
    assert patience.LIMIT not in connection.settings_dict


def test_what_takes_longer_is_ended() -> None:
    with owner_connection() as owner:
        limit = f"ALTER ROLE {roles.login_role()} SET statement_timeout = "
        owner.execute(limit + "'50ms'")
    connection.close()
    try:
        with (
            inside("mercedes"),
            connection.cursor() as cursor,
            pytest.raises(OperationalError, match="statement timeout"),
        ):
            cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000)")
    finally:
        with owner_connection() as owner:
            owner.execute(limit + f"'{settings.STATEMENT_SECONDS}s'")
        connection.close()
