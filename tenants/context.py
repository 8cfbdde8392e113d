"""For whom the database is asked: the one place that changes the scope of a connection.

    with inside(tenant_id):      # a tenant's role, its schema first
    with acting_for(vendor_id):  # the vendors' role; row-level security shows this vendor's rows alone
    with platform():             # our own login role, public schema

Nest them freely; each restores what was before, whatever happens. Inside a transaction a change of scope is undone and redone
correctly by rollbacks (tenants.backend). Never use django-tenants' `with tenant:`; its stack is shared between threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections
from structlog.contextvars import bound_contextvars

from tenants import roles
from tenants.backend.base import DatabaseWrapper


@dataclass(frozen=True, slots=True)
class Scope:
    """What a connection is set to. `role` empty: the application's own login role."""

    schema_name: str
    role: str = ""
    tenant_id: str = ""
    vendor_id: str = ""

    def get_tenant_type(self) -> None:
        """Asked by django-tenants' router; we have one type of tenant."""


PLATFORM = Scope(schema_name="public")


def scope_of_tenant(tenant_id: str) -> Scope:
    return Scope(schema_name=roles.schema_of(tenant_id), role=roles.tenant_role(tenant_id), tenant_id=tenant_id)


def scope_of_vendor(vendor_id: str) -> Scope:
    if not vendor_id:
        raise ValueError("a vendor's scope needs a vendor")
    return Scope(schema_name="public", role=roles.vendor_role(), vendor_id=vendor_id)


def current() -> Scope:
    """The scope the connection is in now."""
    scope = _connection().tenant
    return scope if isinstance(scope, Scope) else PLATFORM


@contextmanager
def scoped(scope: Scope) -> Iterator[Scope]:
    before = current()
    enter(scope)
    try:
        with (
            bound_contextvars(tenant=scope.tenant_id) if scope.tenant_id else nullcontext()
        ):  # for every line of the log
            yield scope
    finally:
        enter(before)


def enter(scope: Scope) -> None:
    """For good: only where nothing is left to come back to (a test's end); everybody else says `with`."""
    _connection().set_tenant(scope)


def inside(tenant_id: str) -> AbstractContextManager[Scope]:
    return scoped(scope_of_tenant(tenant_id))


def acting_for(vendor_id: str) -> AbstractContextManager[Scope]:
    return scoped(scope_of_vendor(vendor_id))


def platform() -> AbstractContextManager[Scope]:
    return scoped(PLATFORM)


def _connection() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
