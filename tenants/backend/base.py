"""The database connection of every request: role and path follow the scope, and one call is one statement.

django-tenants keeps `search_path`; this adds the role, so that PostgreSQL itself refuses what isn't the tenant's, and sends
every statement by the extended protocol, which takes exactly one: `; RESET ROLE; …` injected behind a value is a syntax error.

Invariants: a statement never runs under another scope than `connection.tenant` names, not even on a cursor that was opened
in another one; a SET undone by a rollback is issued again (django-tenants forgets it there); when the scope can't be set,
nothing runs. docs/decisions/0002 has the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django_tenants.postgresql_backend import base
from psycopg import sql
from psycopg.abc import Params
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from cloudlicenses.kit import patience


class OneStatementCursor(psycopg.ClientCursor[Any]):
    """Binds on the client, as Django expects, but uses the extended protocol: one call can carry only one statement."""

    enter_scope: Callable[[], None] = staticmethod(lambda: None)  # a bare cursor asks only whether the connection lives

    def execute(self, query: Any, params: Params | None = None, **options: Any) -> OneStatementCursor:
        self.enter_scope()
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        self.enter_scope()
        super().executemany(query, params_seq, **options)

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        super()._execute_send(query, force_extended=True, binary=binary)


class DatabaseWrapper(base.DatabaseWrapper):
    """`connection.tenant` is a scope (`tenants.context.Scope`) or anything with a `schema_name`."""

    def get_connection_params(self) -> dict[str, Any]:
        """Migrations, as the owner, are the one place where a script of several statements is run."""
        params: dict[str, Any] = super().get_connection_params()
        if params["user"] != settings.DATABASE_LOGIN["USER"]:
            return params
        if seconds := self.settings_dict.get(patience.LIMIT):
            params["options"] = f"{params.get('options', '')} -c statement_timeout={seconds}s".strip()
        return {**params, "cursor_factory": OneStatementCursor}

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if isinstance(cursor, OneStatementCursor):
            cursor.enter_scope = self._handle_search_path
        return cursor

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.search_path_set_schemas or self._setting_search_path:
            return
        raw: psycopg.Connection[Any] = self.connection
        if raw.info.transaction_status == TransactionStatus.INERROR:
            return  # every statement fails until the rollback, which sets the scope anew
        path = self._get_cursor_search_paths()
        with self.wrap_database_errors:
            result = raw.pgconn.exec_(self._scope_statements(path).as_bytes(raw))
            if result.status != ExecStatus.COMMAND_OK:
                lost = raw.pgconn.status == ConnStatus.BAD
                kind = psycopg.OperationalError if lost else psycopg.DatabaseError
                raise kind(f"The scope of {self.schema_name!r} could not be set: {result.error_message.decode()}")
        self.search_path_set_schemas = path

    def _scope_statements(self, path: list[str]) -> sql.Composed:
        role = getattr(self.tenant, "role", "")
        vendor = getattr(self.tenant, "vendor_id", "")
        return sql.SQL("RESET ROLE; SET search_path = {}; SET cloudlicenses.vendor = {}{}").format(
            sql.SQL(", ").join(map(sql.Identifier, path)),
            sql.Literal(vendor),
            sql.SQL("; SET ROLE {}").format(sql.Identifier(role)) if role else sql.SQL(""),
        )
