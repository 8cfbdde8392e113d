"""The decisions of the seat rule, once for all tenants. A test holds `APPLIES` against licensing/sql/decisions.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "1a99e5312055fc394382db90bb167f0f541dae32b941b5a5875b7b23562a1d18"
DECISIONS = Path(__file__).parent.parent.parent / "sql" / "decisions.sql"


def create_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(DECISIONS.read_bytes())


class Migration(migrations.Migration):
    operations = [migrations.RunPython(create_functions, migrations.RunPython.noop)]
