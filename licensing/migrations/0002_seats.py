"""The seat rule, as functions of the tenant's schema. A test holds `APPLIES` against licensing/sql/seats.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "e5daba8940257e05f339ade34e4daff75f0a8883f24d8c6c0f71a731836be4c2"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"


def create_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(SEATS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("licensing", "0001_initial"), ("audit", "0001_initial"), ("web", "0001_initial")]
    operations = [migrations.RunPython(create_functions, migrations.RunPython.noop)]
