"""The seat rule reads and writes; what it decides stands in `public`. A test holds `APPLIES` against licensing/sql/seats.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "3d117603ac7654034c497b598e3323e715908f40fa86656a1ccb0e42d74c3e61"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"
DECIDED_HERE = b"""
DO $$ BEGIN  -- of this schema alone: `public` has functions and types of the same names
    EXECUTE format('DROP FUNCTION IF EXISTS %1$I.seat_checkouts(jsonb), %1$I.seat_ends(jsonb), %1$I.seat_kept_answer(jsonb), '
        '%1$I.seat_unjudged(jsonb), %1$I.seat_grant(%1$I.seat_license, text, jsonb, timestamptz), '
        '%1$I.seat_deny(text, %1$I.seat_license, jsonb, timestamptz), %1$I.seat_available_at(%1$I.seat_license, text), '
        '%1$I.seat_verdict(%1$I.seat_license, jsonb, jsonb, timestamptz), '
        '%1$I.seat_note(text, text, text, text, jsonb, timestamptz, jsonb)', current_schema());
    EXECUTE format('DROP TYPE IF EXISTS %I.seat_license', current_schema());
END $$;
"""


def replace_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(DECIDED_HERE + SEATS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("licensing", "0007_seldom_vacuumed")]
    contracts = "no release has had the functions of 0006"
    operations = [migrations.RunPython(replace_functions, migrations.RunPython.noop)]
