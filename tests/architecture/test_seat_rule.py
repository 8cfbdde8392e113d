"""A changed seat rule reaches the schemas that exist: its newest migration names the text that it applies."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

LICENSING = Path(settings.BASE_DIR) / "licensing"
NAMED = re.compile(r'^APPLIES = "([0-9a-f]{64})"$', re.MULTILINE)


def digest_of(text: Path) -> str:
    """Of the statements; comments and blank lines may change freely."""
    lines = text.read_text(encoding="utf-8").splitlines()
    return hashlib.sha256("\n".join(line for line in lines if line and not line.startswith("--")).encode()).hexdigest()


@pytest.mark.parametrize(("text", "app"), [("seats.sql", "."), ("decisions.sql", "deciding")])
def test_the_newest_migration_of_the_seat_rule_applies_it_as_it_is(text: str, app: str) -> None:
    migrations = sorted((LICENSING / app / "migrations").glob("0*.py"))
    applied = [found[1] for path in migrations if (found := NAMED.search(path.read_text(encoding="utf-8")))]
    digest = digest_of(LICENSING / "sql" / text)
    assert applied[-1] == digest, (
        f"licensing/sql/{text} has changed. Add a migration that runs it again, with "
        f'APPLIES = "{digest}", and run manage.py snapshot_tenant_schema.'
    )
