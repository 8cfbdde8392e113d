"""A clock that tests set: for the seat rule's SQL and for Python alike, with production's code as it is.

The rule asks `clock_timestamp()`. PostgreSQL looks for functions along the search path, and in its own catalogue first unless the
path names it; our connections name it last here, behind a schema with a `clock_timestamp()` of its own. No tenant can do that: its
role may create nothing (tests/isolation/test_rights.py). The instant is kept in a sequence: what is set there is seen by every
session at once, in the middle of a transaction and after a wait for a lock, as time is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cloudlicenses.kit import clock
from tenants.backend.base import DatabaseWrapper
from tenants.ownership import owner_connection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
STANDING = "(SELECT last_value FROM test_clock.microseconds)"
TICKING = "nextval('test_clock.microseconds')"
CLOCK = """
    CREATE SCHEMA test_clock;
    CREATE SEQUENCE test_clock.microseconds;
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$
        SELECT timestamptz 'epoch' + {instant} * interval '1 microsecond'
    $$;
    GRANT USAGE ON SCHEMA test_clock TO PUBLIC;
    GRANT USAGE, SELECT ON SEQUENCE test_clock.microseconds TO PUBLIC;
    GRANT EXECUTE ON FUNCTION test_clock.clock_timestamp() TO PUBLIC;
"""


class Clock:
    """Stands still, or goes on by a microsecond at each look, until it is set."""

    def __init__(self, owner: psycopg.Connection[Any], start: datetime) -> None:
        self._owner = owner
        self.start = start
        self.set(start)

    def now(self) -> datetime:
        row = self._owner.execute("SELECT test_clock.clock_timestamp()").fetchone()
        assert row is not None
        return row[0].astimezone(UTC)

    def set(self, moment: datetime) -> None:
        self._owner.execute("SELECT setval('test_clock.microseconds', %s)", [(moment - EPOCH) // MICROSECOND])

    def jump(self, span: timedelta) -> None:
        self.set(self.now() + span)


@contextmanager
def clock_set_to(start: datetime, *, ticking: bool = False) -> Iterator[Clock]:
    """While inside, Django's connections and `kit.clock` go by this clock."""
    with owner_connection() as owner, pytest.MonkeyPatch.context() as patch:
        owner.execute("DROP SCHEMA IF EXISTS test_clock CASCADE")
        owner.execute(CLOCK.format(instant=TICKING if ticking else STANDING))
        try:
            moved = Clock(owner, start)
            patch.setattr(clock, "now", moved.now)
            patch.setattr(DatabaseWrapper, "_get_cursor_search_paths", _path_with_our_clock)
            yield moved
        finally:
            owner.execute("DROP SCHEMA test_clock CASCADE")


def _path_with_our_clock(connection: DatabaseWrapper) -> list[str]:
    own = str(connection.schema_name)
    return [*([] if own == "public" else [own]), "public", "test_clock", "pg_catalog"]
