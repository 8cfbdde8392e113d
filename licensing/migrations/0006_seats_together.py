"""The seat rule for many calls at once. A test holds `APPLIES` against licensing/sql/seats.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "d9519129e0471ecc2dad0fd9ac70b822e41498a5fd426227f01d4cc9c04416a2"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"
ONE_AT_A_TIME = b"""
DROP FUNCTION IF EXISTS seat_checkout(jsonb), seat_heartbeat(text), seat_end(text, text, jsonb, jsonb), seat_decide(jsonb),
    seat_grant(licensing_license, text, jsonb, timestamptz), seat_choice(licensing_license, timestamptz),
    seat_obstacle(licensing_license, jsonb, timestamptz), seat_deny(text, text, timestamptz, jsonb, timestamptz),
    seat_available_at(licensing_license, text), seat_reclaim(text, timestamptz),
    seat_note(text, text, text, text, jsonb, timestamptz, jsonb);
"""


def replace_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(ONE_AT_A_TIME + SEATS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("licensing", "0005_slim")]
    contracts = "no release has had the functions of 0002"
    operations = [migrations.RunPython(replace_functions, migrations.RunPython.noop)]
