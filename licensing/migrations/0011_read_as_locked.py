"""Licenses are read by the statement that locks them. A test holds `APPLIES` against licensing/sql/seats.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "ecbdf6d01bdae777b31e2f9fa3ffec970cd3dd7315e3d5ef64228ed8f607a0b6"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"
CALLED_OTHERWISE = b"""
DO $$ BEGIN
    EXECUTE format('DROP FUNCTION IF EXISTS %1$I.seat_checkouts(jsonb, text[], boolean), '
        '%1$I.seat_licenses(text[], timestamptz, boolean)', current_schema());
END $$;
"""


def replace_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(CALLED_OTHERWISE + SEATS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("licensing", "0010_bare_beginnings"), ("deciding", "0002_months_decided")]
    contracts = "no release has had the functions of 0009"
    operations = [migrations.RunPython(replace_functions, migrations.RunPython.noop)]
