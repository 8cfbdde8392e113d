"""Who waits for a lock, as the owner of the database sees it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tenants.ownership import owner_connection

PATIENCE_SECONDS = 120
# In this database alone: the tests of another worker wait in theirs. Who waits for a row waits for a transaction, which is of no
# database; but whoever waits holds something, too.
WAITING = """
    SELECT 1 FROM pg_locks AS waiting WHERE NOT granted AND EXISTS (
        SELECT FROM pg_locks AS held WHERE held.pid = waiting.pid
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


def wait_until_somebody_waits(*, could: Callable[[], bool] = lambda: True) -> None:
    """`could`: whether there is anybody still who may come to wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with owner_connection() as owner:
        while not owner.execute(WAITING).fetchone():
            assert could(), "nobody is there who could wait"
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.02)
