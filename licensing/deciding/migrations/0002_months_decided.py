"""Whether a license's spending is this month's is decided, not read. A test holds `APPLIES` against licensing/sql/decisions.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPLIES = "34eccaceaa443f8b5c710e41fa94fad3a94082c778e6a02dd5b3a11b020b843c"
DECISIONS = Path(__file__).parent.parent.parent / "sql" / "decisions.sql"


def replace_functions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """In one go by the simple protocol, past Django's cursor, which takes one statement at a time."""
    with editor.connection.cursor() as cursor:
        cursor.connection.execute(DECISIONS.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("deciding", "0001_decisions")]
    operations = [migrations.RunPython(replace_functions, migrations.RunPython.noop)]
