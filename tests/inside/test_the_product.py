"""The product's own ways to PostgreSQL, in a process as deployed: each is encrypted, and by certificate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.inside.conftest import Inside

IDENT = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "pg_ident.conf"
ASK = """
import asyncio, json
import django
django.setup()
from django.conf import settings
from django.db import connection
from cloudlicenses.asgi import _connection_options
from licensing.pipeline import Connection, Statement, _exchange
from tenants.ownership import owner_connection

HOW = "SELECT current_user, version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

async def plane():
    # Answers of every size, some in many records of TLS; then how they came.
    async with await Connection.connect(**_connection_options()) as spoken:
        for size in (1, 8_191, 16_385, 40_000, 1_000_000):
            asked = [Statement(b"BEGIN"), Statement(b"SELECT repeat('x', %d)" % size), Statement(b"COMMIT")]
            answers = await asyncio.wait_for(_exchange(spoken, asked), 60)
            assert len(answers[1].get_value(0, 0)) == size
        return await (await spoken.execute(HOW)).fetchone()

with connection.cursor() as cursor:
    cursor.execute(HOW)
    django_says = cursor.fetchone()
with owner_connection() as owner:
    owner_says = owner.execute(HOW).fetchone()
print(json.dumps([settings.DATABASE_LOGIN["USER"], django_says, asyncio.run(plane()), owner_says]))
"""


def test_django_the_plane_and_the_owner_speak_tls_and_show_a_certificate(inside: Inside) -> None:
    login, *spoken = ask(inside)
    shown = ["TLSv1.3", "/CN=product"]
    assert spoken == [[login, *shown], [login, *shown], ["cloudlicenses_owner", *shown]]


def test_the_certificate_stands_for_the_very_role_that_serves(inside: Inside) -> None:
    roles = [line.split()[2] for line in IDENT.read_text().splitlines() if line.startswith("inside  product")]
    assert roles == ["cloudlicenses_owner", ask(inside)[0]]


def ask(inside: Inside) -> Any:
    surroundings = os.environ | {
        "DATABASE_URL": inside.postgres("product"), "REDIS_URL": inside.valkey("product"), "BASE_DOMAIN": "licenses.example",
        "SECRET_KEY": "x", "MASTER_KEY": "A" * 43 + "=", "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base",
    }  # fmt: skip
    told = subprocess.run((sys.executable, "-c", ASK), env=surroundings, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
