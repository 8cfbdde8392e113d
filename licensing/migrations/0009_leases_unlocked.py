"""Leases need no lock beside their license's. A test holds `APPLIES` against licensing/sql/seats.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "0c877c12329b9d5aca06b43177e1686883f4022151875c8e65f5042522a73129"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"


def replace_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(SEATS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("licensing", "0008_decided_apart")]
    operations = [migrations.RunPython(replace_functions, migrations.RunPython.noop)]
