"""Bringing tenants' schemas to the code's migrations: what has to be done is worked out once, then done in each schema.

Django's own command reads every migration and renders every model anew, which takes a second a schema; the statements themselves
take milliseconds. Here each operation and the states before and after it are kept, and only its statements are run again.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic
from psycopg import sql

from tenants import locking, snapshot
from tenants.context import Scope, scoped

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """One operation, and the models as they are before and after it."""

    operation: Operation
    before: ProjectState
    after: ProjectState


@dataclass(frozen=True, slots=True)
class Part:
    migration: Migration
    acts: tuple[Act, ...]


class Migrator:
    """`migrate` one schema after the other, signed in as the owner (`ownership.django_as_owner`)."""

    def __init__(self) -> None:
        self._parts: dict[frozenset[Name], tuple[Part, ...]] = {}

    @atomic
    def migrate(self, schema: str) -> None:
        """Everything the schema lacks, and its record, in one transaction; nothing if it lacks nothing."""
        with scoped(Scope(schema_name=schema)), connection.cursor() as cursor:
            cursor.execute(locking.LIMIT_WAITING)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or one of rows would hinder the next one of tables
            for part in self._parts_for(frozenset(snapshot.tenant_migrations()) - _applied(schema)):
                _run(part)
                cursor.execute(
                    sql.SQL("INSERT INTO {}.django_migrations (app, name, applied) VALUES (%s, %s, now())").format(
                        sql.Identifier(schema)
                    ),
                    [part.migration.app_label, part.migration.name],
                )

    def _parts_for(self, lacking: frozenset[Name]) -> tuple[Part, ...]:
        if lacking not in self._parts:
            self._parts[lacking] = _work_out(lacking)
        return self._parts[lacking]


def _work_out(lacking: frozenset[Name]) -> tuple[Part, ...]:
    """The states take the whole history; what is done is what is lacking."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state = ProjectState(real_apps=loader.unmigrated_apps)
    parts = []
    for name in snapshot.tenant_migrations():
        migration = loader.graph.nodes[name]
        if name in lacking:
            acts = _acts(migration, state)
            parts.append(Part(migration, acts))
            state = acts[-1].after if acts else state
        else:
            migration.mutate_state(state, preserve=False)
    return tuple(parts)


def _acts(migration: Migration, state: ProjectState) -> tuple[Act, ...]:
    """Models are rendered here, before the first act: each later state renders anew only what its operation changes."""
    state.apps.get_models()
    acts = []
    for operation in migration.operations:
        before, state = state, state.clone()
        operation.state_forwards(migration.app_label, state)
        acts.append(Act(operation, before, state))
    return tuple(acts)


def _run(part: Part) -> None:
    with connection.schema_editor(atomic=part.migration.atomic) as editor:
        for act in part.acts:
            act.operation.database_forwards(part.migration.app_label, editor, act.before, act.after)


def _applied(schema: str) -> frozenset[Name]:
    """From the schema's own record, which is made if it is not there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(quote_ident(%s) || '.django_migrations')", [schema])
        if cursor.fetchone() == (None,):
            with connection.schema_editor() as editor:
                editor.create_model(MigrationRecorder.Migration)
        cursor.execute(sql.SQL("SELECT app, name FROM {}.django_migrations").format(sql.Identifier(schema)))
        return frozenset(cursor.fetchall())
