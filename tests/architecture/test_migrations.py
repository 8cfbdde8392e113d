"""Code that runs must outlive a migration: a deploy migrates a thousand schemas while yesterday's code serves all of them.

So a migration only adds, in ways that code which doesn't know of it can live with. What takes away or forbids comes with a later
release, when no running code needs it any more, and says so: `contracts = "no code has read it since …"` in its Migration class.
docs/operations.md tells how to change a column in such steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

OURS = (
    "accounts",
    "applications",
    "audit",
    "billing",
    "certificates",
    "erasure",
    "keys",
    "licensing",
    "outbox",
    "seals",
    "signing",
    "tenants",
    "vendors",
    "web",
)

# The last migrations from before there were servers to be kept running; nothing is added here.
BASELINE = {
    "accounts": 2,
    "audit": 1,
    "billing": 4,
    "certificates": 1,
    "keys": 1,
    "licensing": 4,
    "outbox": 1,
    "seals": 1,
    "tenants": 4,
    "vendors": 4,
    "web": 1,
}

TAKES_AWAY = (
    migrations.DeleteModel, migrations.RemoveField, migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable,
)  # fmt: skip
FORBIDS = (migrations.AddConstraint, migrations.AlterUniqueTogether)
SQL_THAT_TAKES_AWAY = re.compile(r"\b(DROP(?! INDEX)|RENAME|TRUNCATE|SET NOT NULL)\b", re.IGNORECASE)


def test_migrations_since_the_baseline_let_running_code_live() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state, faults = ProjectState(real_apps=loader.unmigrated_apps), []
    for app, name in _in_order(loader):
        migration = loader.graph.nodes[app, name]
        is_free = app not in OURS or int(name[:4]) <= BASELINE.get(app, 0) or bool(getattr(migration, "contracts", ""))
        found = list(_faults(migration, state))
        faults += [] if is_free else [f"{app}.{name}: {fault}" for fault in found]
    assert not faults, "\n".join([*faults, __doc__ or ""])


def test_the_baseline_is_of_migrations_that_exist() -> None:
    names = {(app, int(name[:4])) for app, name in MigrationLoader(None).disk_migrations if app in OURS}
    assert set(BASELINE.items()) <= names
    assert {app for app, _ in names} == set(OURS)


NOTE = migrations.CreateModel(
    "Note",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=20)),
        ("text", models.TextField(null=True)),
        ("seats", models.PositiveIntegerField()),
    ],
)
LIVES = {
    "a table": migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
    "a column that may be empty": migrations.AddField("note", "new", models.TextField(null=True)),
    "a column that the database fills": migrations.AddField("note", "new", models.TextField(db_default="")),
    "a table between": migrations.AddField("note", "new", models.ManyToManyField("tests.note")),
    "an index": migrations.AddIndex("note", models.Index(fields=["title"], name="by_title")),
    "a longer text": migrations.AlterField("note", "title", models.CharField(max_length=30)),
    "a text of any length": migrations.AlterField("note", "title", models.TextField()),
    "a column that may be empty now": migrations.AlterField(
        "note", "title", models.CharField(max_length=20, null=True)
    ),
    "a column of any sign": migrations.AlterField("note", "seats", models.IntegerField()),
    "no index": migrations.RunSQL("DROP INDEX IF EXISTS by_title"),
    "a function": migrations.RunSQL("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
}
DIES = {
    "a column that others can't fill": migrations.AddField("note", "new", models.TextField(default="")),
    "no column": migrations.RemoveField("note", "text"),
    "another name": migrations.RenameField("note", "text", "body"),
    "no table": migrations.DeleteModel("Note"),
    "another table": migrations.RenameModel("Note", "Remark"),
    "a shorter text": migrations.AlterField("note", "title", models.CharField(max_length=10)),
    "another type": migrations.AlterField("note", "title", models.IntegerField()),
    "no empty text": migrations.AlterField("note", "text", models.TextField()),
    "no second text": migrations.AlterField("note", "text", models.TextField(null=True, unique=True)),
    "a rule": migrations.AddConstraint("note", models.UniqueConstraint(fields=["title"], name="one_title")),
    "no function": migrations.RunSQL(["SELECT 1", ("DROP FUNCTION f()", None)]),
    "in between": migrations.SeparateDatabaseAndState([migrations.RunSQL("ALTER TABLE note RENAME text TO body")]),
}


@pytest.mark.parametrize("operation", LIVES.values(), ids=LIVES)
def test_running_code_can_live_with(operation: Operation) -> None:
    assert _faults_of(operation) == []


@pytest.mark.parametrize("operation", DIES.values(), ids=DIES)
def test_running_code_can_not_live_with(operation: Operation) -> None:
    assert len(_faults_of(operation)) == 1


def test_a_table_of_the_same_migration_is_its_own_to_change() -> None:
    migration = _migration(NOTE, DIES["a rule"], DIES["a column that others can't fill"], DIES["no column"])
    assert not list(_faults(migration, ProjectState()))


def _faults_of(operation: Operation) -> list[str]:
    """In a migration of its own, of a table that was there before."""
    state = ProjectState()
    NOTE.state_forwards("tests", state)
    return list(_faults(_migration(operation), state))


def _migration(*operations: Operation) -> Migration:
    return type("Next", (Migration,), {"operations": list(operations)})("0002_next", "tests")


def _in_order(loader: MigrationLoader) -> Iterable[tuple[str, str]]:
    return dict.fromkeys(
        node for leaf in sorted(loader.graph.leaf_nodes()) for node in loader.graph.forwards_plan(leaf)
    )


def _faults(migration: Migration, state: ProjectState) -> Iterator[str]:
    """What running code would not survive; `state` is brought forward."""
    of_its_own = set()
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        if isinstance(operation, migrations.CreateModel):
            of_its_own.add(operation.name_lower)
        model = str(getattr(operation, "model_name", "") or getattr(operation, "name", "")).lower()
        if model not in of_its_own and (fault := _fault(operation, migration.app_label, before)):
            yield f"{operation.describe()}: {fault}"


def _fault(operation: Operation, app: str, before: ProjectState) -> str:
    if isinstance(operation, TAKES_AWAY):
        return "running code still uses it"
    if isinstance(operation, FORBIDS):
        return "running code may not keep to it"
    if isinstance(operation, migrations.AddField):
        return (
            ""
            if _can_be_left_out(operation.field)
            else "running code can't add rows: null=True or db_default=… is needed"
        )
    if isinstance(operation, migrations.AlterField):
        known = before.models[app, operation.model_name_lower].fields[operation.name_lower]
        return "running code may write what no longer fits" if _narrows(known, operation.field) else ""
    if isinstance(operation, migrations.RunSQL) and any(map(SQL_THAT_TAKES_AWAY.search, _statements(operation.sql))):
        return "running code may still use it"
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next(filter(None, (_fault(each, app, before) for each in operation.database_operations)), "")
    return ""


def _can_be_left_out(field: models.Field[Any, Any]) -> bool:
    return (
        field.many_to_many or field.null or field.db_default is not NOT_PROVIDED or isinstance(field, models.AutoField)
    )


def _narrows(known: models.Field[Any, Any], field: models.Field[Any, Any]) -> bool:
    """A type that holds whatever the old one held does not; one that PostgreSQL would write the table anew for does."""
    old, new = known.get_internal_type().removeprefix("Positive"), field.get_internal_type()
    if old != new and (old, new) != ("CharField", "TextField"):
        return True
    is_shorter = new != "TextField" and (field.max_length or 0) < (known.max_length or 0)
    return is_shorter or (known.null and not field.null) or (field.unique and not known.unique)


def _statements(sql: object) -> list[str]:
    parts = [sql] if isinstance(sql, str) else list(sql) if isinstance(sql, list | tuple) else []
    return [str(part[0]) if isinstance(part, tuple) else str(part) for part in parts]
