"""Any order of entering, leaving, transactions, savepoints, rollbacks and errors: the eyes are those of the innermost scope."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tenants import context, roles

SCOPES = (
    context.PLATFORM,
    context.scope_of_tenant("mercedes"),
    context.scope_of_tenant("bmw"),
    context.scope_of_vendor("vector-de"),
    context.scope_of_vendor("greenhills"),
)


class Sequence(RuleBasedStateMachine):
    """A stack of open scopes and transactions, closed in order, each well or badly."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[AbstractContextManager[object]] = []
        self.scopes = [context.PLATFORM]
        self.is_broken = False

    @rule(scope=st.sampled_from(SCOPES))
    def enter(self, scope: context.Scope) -> None:
        manager = context.scoped(scope)
        manager.__enter__()
        self.open.append(manager)
        self.scopes.append(scope)

    @precondition(lambda self: not self.is_broken)
    @rule()
    def begin(self) -> None:
        block = transaction.atomic()
        block.__enter__()
        self.open.append(block)

    @precondition(lambda self: self.open)
    @rule(fails=st.booleans())
    def leave(self, fails: bool) -> None:
        """By its end or by an exception; a broken transaction can only be left by one."""
        manager = self.open.pop()
        error = ZeroDivisionError() if fails or self.is_broken else None
        with suppress(ZeroDivisionError):
            manager.__exit__(type(error) if error else None, error, None)
        if isinstance(manager, transaction.Atomic):
            self.is_broken = False
        else:
            self.scopes.pop()

    @precondition(lambda self: not self.is_broken)
    @rule()
    def err(self) -> None:
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        self.is_broken = connection.in_atomic_block

    @precondition(lambda self: connection.in_atomic_block and not self.is_broken)
    @rule(scope=st.sampled_from(SCOPES))
    def look_behind_a_savepoint_and_go_back(self, scope: context.Scope) -> None:
        savepoint = transaction.savepoint()
        with context.scoped(scope):
            self._look(scope)
            transaction.savepoint_rollback(savepoint)
            self._look(scope)

    @precondition(lambda self: not connection.in_atomic_block)
    @rule()
    def lose_the_connection(self) -> None:
        connection.close()

    @invariant()
    def the_eyes_are_those_of_the_innermost_scope(self) -> None:
        if not self.is_broken:
            self._look(self.scopes[-1])

    def _look(self, scope: context.Scope) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, current_schema(), coalesce(current_setting('cloudlicenses.vendor', true), '')"
            )
            assert cursor.fetchone() == (scope.role or roles.login_role(), scope.schema_name, scope.vendor_id)

    def teardown(self) -> None:
        while self.open:
            self.leave(fails=True)
        assert context.current() == context.PLATFORM
        self._look(context.PLATFORM)


def test_any_sequence(committed: None) -> None:
    run_state_machine_as_test(
        Sequence,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            database=None,
        ),
    )
