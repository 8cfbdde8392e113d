"""How long one statement of the database may take.

What serves requests has the login role's own limit, `STATEMENT_SECONDS`: by then nobody waits for the answer any more, and a query
that burns a core must not burn it for ever. Jobs and operators' commands have `JOB_STATEMENT_SECONDS`; the owner has none.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

LIMIT = "STATEMENT_SECONDS"  # in the database's settings; tenants.backend signs in with it


def allow_long_statements() -> None:
    """From now on in this process, for connections not yet made."""
    connection.settings_dict[LIMIT] = settings.JOB_STATEMENT_SECONDS
