"""What came of a trial, as a person reads it: what was asked and answered, what was done to the house, what was broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from torture.trial import Outcome

SHOWN = 20  # violations of one trial that are told in full


def lines_of(outcome: Outcome) -> Iterator[str]:
    wanted, total = outcome.wanted, outcome.answers.total()
    yield f"{wanted.clients} clients of {wanted.tenants} customers; PostgreSQL durable, {outcome.volume}"
    yield f"{total} operations answered"
    yield from _counted(outcome.answers)
    yield f"{outcome.attempts.total()} attempts without an answer, each repeated"
    yield from _counted(outcome.attempts)
    yield f"{outcome.disturbances.total()} disturbances"
    yield from _counted(outcome.disturbances)
    yield "in the books afterwards"
    yield from _counted(outcome.books)
    yield "seconds"
    yield from _counted(outcome.seconds)
    yield f"{len(outcome.violations)} violations"
    yield from _counted(Counter(violation.kind for violation in outcome.violations))
    yield from (f"  {violation.kind}: {violation.text}" for violation in outcome.violations[:SHOWN])
    if outcome.violations:
        yield f"What every process said is in {outcome.logs}"


def _counted(counts: Counter[str]) -> Iterator[str]:
    return (f"  {number:8}  {name}" for name, number in sorted(counts.items()))
