"""A changed seat rule reaches the schemas that exist: its newest migration names the text that it applies."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.conf import settings

LICENSING = Path(settings.BASE_DIR) / "licensing"
NAMED = re.compile(r'^APPLIES = "([0-9a-f]{64})"$', re.MULTILINE)


def digest_of_the_rule() -> str:
    """Of the statements; comments and blank lines may change freely."""
    lines = (LICENSING / "sql" / "seats.sql").read_text(encoding="utf-8").splitlines()
    return hashlib.sha256("\n".join(line for line in lines if line and not line.startswith("--")).encode()).hexdigest()


def test_the_newest_migration_of_the_seat_rule_applies_it_as_it_is() -> None:
    migrations = sorted((LICENSING / "migrations").glob("0*.py"))
    applied = [found[1] for path in migrations if (found := NAMED.search(path.read_text(encoding="utf-8")))]
    assert applied[-1] == digest_of_the_rule(), (
        "licensing/sql/seats.sql has changed. Add a migration that runs it again, with "
        f'APPLIES = "{digest_of_the_rule()}", and run manage.py snapshot_tenant_schema.'
    )
