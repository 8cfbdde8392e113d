"""Whose eyes a statement sees with: always those of the innermost scope, whatever was rolled back or broke before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import set_urlconf

from tenants import context, hosts, roles
from tenants.ownership import owner_connection

Eyes = tuple[str, str, str]


@pytest.fixture(autouse=True)
def _addresses_of_no_host() -> Iterator[None]:
    """The server forgets a request's host after it; here nobody does."""
    yield
    set_urlconf(None)


def seen() -> Eyes:
    """Role, first schema and vendor as PostgreSQL has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_schema(), current_setting('cloudlicenses.vendor', true)")
        role, schema, vendor = cursor.fetchone()
    return role, schema, vendor or ""


def expected(scope: context.Scope) -> Eyes:
    return scope.role or roles.login_role(), scope.schema_name, scope.vendor_id


def broken() -> None:
    """A statement that PostgreSQL refuses: inside a transaction, nothing works any more until a rollback."""
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("SELECT 1/0")


def test_scopes_nest_and_come_back(db: None) -> None:
    assert seen() == expected(context.PLATFORM)
    with context.inside("mercedes") as mercedes:
        assert seen() == expected(mercedes)
        with context.acting_for("vector-de") as vector:
            assert seen() == expected(vector)
            with context.inside("bmw") as bmw:
                assert seen() == expected(bmw)
            assert seen() == expected(vector)
        assert seen() == expected(mercedes)
    assert seen() == expected(context.PLATFORM)


def test_a_scope_entered_in_a_rolled_back_transaction_is_left(committed: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), context.inside("mercedes"):
        seen()
        raise ZeroDivisionError
    assert seen() == expected(context.PLATFORM)


def test_a_rollback_inside_a_scope_leaves_the_scope(committed: None) -> None:
    with context.inside("mercedes") as scope:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            seen()
            raise ZeroDivisionError
        assert seen() == expected(scope)


def test_a_savepoint_by_hand_does_not_bring_another_scope_back(committed: None) -> None:
    with transaction.atomic(), context.inside("mercedes") as scope:
        seen()
        savepoint = transaction.savepoint()
        with context.inside("bmw") as inner:
            seen()
            transaction.savepoint_rollback(savepoint)
            assert seen() == expected(inner)
        assert seen() == expected(scope)


def test_a_broken_transaction_keeps_no_scope(committed: None) -> None:
    with context.inside("mercedes") as scope:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with context.inside("bmw"):
                broken()
            raise ZeroDivisionError
        assert seen() == expected(scope)
    assert seen() == expected(context.PLATFORM)


def test_a_commit_that_fails_keeps_no_scope(committed: None) -> None:
    """The commit of a broken transaction is a rollback: PostgreSQL undoes the SET with it."""
    connection.set_autocommit(False)
    try:
        with context.inside("bmw"):
            seen()
            broken()
        connection.rollback()
        assert seen() == expected(context.PLATFORM)
    finally:
        connection.rollback()
        connection.set_autocommit(True)


def test_a_cursor_opened_before_sees_with_the_present_eyes(db: None) -> None:
    with connection.cursor() as cursor, context.inside("mercedes") as scope:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (scope.role,)


def test_a_connection_that_the_server_closes_comes_back_in_scope(committed: None) -> None:
    with context.inside("mercedes") as scope:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            backend = connection.connection.info.backend_pid
        with owner_connection() as owner:
            owner.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        with pytest.raises((OperationalError, InterfaceError)):
            seen()
        connection.close_if_unusable_or_obsolete()
        assert seen() == expected(scope)


def test_a_scope_that_cannot_be_set_runs_nothing(db: None) -> None:
    with context.inside("nobody-here"), pytest.raises(DatabaseError, match="could not be set"), transaction.atomic():
        seen()
    assert seen() == expected(context.PLATFORM)


def test_a_scope_needs_somebody() -> None:
    for impossible in ("", "UPPER", "a'b", "x" * 41, "-a-", "a"):
        with pytest.raises(ValueError, match="not a tenant id"):
            context.scope_of_tenant(impossible)
    with pytest.raises(ValueError, match="needs a vendor"):
        context.scope_of_vendor("")


def test_each_thread_has_a_scope_of_its_own(committed: None) -> None:
    """Two tenants' work side by side: both meet inside their scopes before either looks."""
    meeting = threading.Barrier(2, timeout=120)

    def look(tenant_id: str) -> list[bool]:
        try:
            found = []
            for _ in range(20):
                with context.inside(tenant_id) as scope:
                    meeting.wait()
                    found.append(seen() == expected(scope))
                found.append(seen() == expected(context.PLATFORM))
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(look, ["mercedes", "bmw"]))
    assert results == [[True] * 40] * 2


def request_at(label: str) -> WSGIRequest:
    return RequestFactory().get("/", headers={"host": f"{label}.localhost"} if label else {"host": "localhost"})


def test_requests_of_two_tenants_over_one_connection_never_mix(committed: None) -> None:
    """In turn, some of them broken in every way a view can break."""
    backends = set()
    for number in range(60):
        label, scope = [
            ("mercedes", context.scope_of_tenant("mercedes")),
            ("bmw", context.scope_of_tenant("bmw")),
            ("", context.PLATFORM),
        ][number % 3]

        def view(request: WSGIRequest, scope: context.Scope = scope, fault: int = number % 7) -> HttpResponse:
            assert seen() == expected(scope)
            backends.add(connection.connection.info.backend_pid)
            _fail(fault)
            assert seen() == expected(scope)
            return HttpResponse()

        middleware = hosts.HostMiddleware(view)
        if number % 7 == 6:
            with pytest.raises(ZeroDivisionError):
                middleware(request_at(label))
        else:
            middleware(request_at(label))
        assert context.current() == context.PLATFORM
    assert seen() == expected(context.PLATFORM)
    assert len(backends) == 1


def _fail(fault: int) -> None:
    if fault == 1:
        broken()
    if fault == 2:
        with transaction.atomic():
            broken()
            transaction.set_rollback(True)
    if fault == 3:
        with pytest.raises(ZeroDivisionError), transaction.atomic(), context.acting_for("vector-de"):
            seen()
            raise ZeroDivisionError
    if fault == 4:
        with transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT nothing")
            seen()
    if fault == 6:
        with transaction.atomic():
            seen()
            raise ZeroDivisionError


def test_a_stream_is_read_inside_the_scope_of_its_request(committed: None) -> None:
    def view(request: WSGIRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(seen()[0].encode() for _ in range(3))

    response = hosts.HostMiddleware(view)(request_at("mercedes"))
    assert isinstance(response, StreamingHttpResponse)
    chunks = []
    for chunk in response:
        chunks.append(chunk.decode())
        assert seen() == expected(context.PLATFORM)
    assert chunks == [roles.tenant_role("mercedes")] * 3


def test_the_extended_protocol_takes_one_statement(db: None) -> None:
    with context.inside("mercedes"), transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises(DatabaseError) as refused:
            cursor.execute("SELECT 1; RESET ROLE")
        assert isinstance(refused.value.__cause__, psycopg.errors.SyntaxError)
        transaction.set_rollback(True)
