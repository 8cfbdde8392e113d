"""What must hold of the books whatever happened, in sentences; the questions are torture/auditing.py's."""

from __future__ import annotations

from torture.auditing import violations_of
from torture.books import books_of


def faults_of(tenant_id: str) -> list[str]:
    """Sentences about what is wrong; none if the books are right."""
    return [f"{violation.kind}: {violation.text}" for violation in violations_of(books_of(tenant_id))]
