"""Seat rules broken on purpose, each in one place: a check that doesn't find them is no check.

A mutant is the text of licensing/sql/seats.sql or decisions.sql with a change, put in the place of the functions for a while.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from psycopg import sql

from tenants import roles
from tenants.ownership import owner_connection
from tests.races.asking import TENANT

RULE = [Path(settings.BASE_DIR) / "licensing" / "sql" / name for name in ("decisions.sql", "seats.sql")]


@dataclass(frozen=True)
class Mutant:
    """`found`: a pattern in the rule's text; `left`: what is left in its place; `also`: a further such pair."""

    name: str
    found: str
    left: str
    also: tuple[str, str] | None = None

    def text(self) -> str:
        broken = _rule()
        for found, left in filter(None, ((self.found, self.left), self.also)):
            broken, times = re.subn(found, left, broken, flags=re.DOTALL)
            assert times > 0, f"{self.name}: the rule has no such place any more; break it elsewhere"
        return broken


def _rule() -> str:
    return "".join(part.read_text(encoding="utf-8") for part in RULE)


SEEN_IN_A_DAY = (
    Mutant("one seat too many", r"in_use >= l\.total_licenses", "in_use > l.total_licenses"),
    Mutant("one overage seat too many", r"l\.overage_in_use >= l\.max_overage", "l.overage_in_use > l.max_overage"),
    Mutant(
        "overage before commit",
        r"(l\.commit_in_use < l\.commit_qty) THEN",
        r"\1 AND l.overage_in_use >= l.max_overage THEN",
    ),
    Mutant(
        "overage left out of the ledger",
        r"(INSERT INTO public\.billing_usagerecord[^;]*);",
        r"\1 WHERE lease_type <> 'overage';",
    ),
    Mutant(
        "commit seats cost too",
        "THEN l.overage_per_use ELSE 0 END",
        "THEN l.overage_per_use ELSE l.overage_per_use END",
    ),
    Mutant("no budget", r"OR (l\.)?spent \+ l\.overage_per_use > l\.monthly_budget", ""),
    Mutant("a budget for ever", r"licenses\[i\]\.spent := 0;", "NULL;"),
    Mutant("lapsed a moment late", "expires_at <= at", "expires_at < at"),
    Mutant("returned twice, counted twice", "IF NOT already THEN", "IF true THEN"),
    Mutant("a key for any request", r"earlier ->> 'digest' <> wanted ->> 'digest'", "false"),
    Mutant("a lease outlives its contract", r"until := least\(until, l\.ends_at\);", "NULL;"),
    Mutant("suspended only in name", r"l\.status = 'suspended'|l\.status <> 'active'", "false"),
    Mutant(
        "over when it is swept, not when its time is",
        r"SET ended_at = expires_at, ended_by",
        "SET ended_at = at, ended_by",
    ),
    Mutant("alive at the very instant of its end", r"lease\.expires_at > at\b", "lease.expires_at >= at"),
    Mutant(
        "a heartbeat may shorten a lease",
        r"SET expires_at = greatest\(lease\.expires_at, (.*?END)\)\s",
        r"SET expires_at = (\1) ",
    ),
    Mutant("not the cheapest overage", r"ORDER BY overage_per_use, id", "ORDER BY id"),
    Mutant(
        "lapsed, and returned all the same",
        r"FILTER \(WHERE ended_at IS NULL AND expires_at <= at\)",
        "FILTER (WHERE false)",
    ),
    Mutant(
        "the month of what was spent not noted",
        r"spent_month = l\.month",
        "spent_month = coalesce(spent_month, l.month)",
    ),
    Mutant(
        "counted before the same batch's returns",
        r"(OR product_id = ANY \(products\)\s+ORDER BY id FOR UPDATE;)",
        r"\1 licenses := seat_licenses(products, false);",
    ),
    Mutant("a cap one seat too wide", r"in_use >= l\.cap_in_use", "in_use > l.cap_in_use"),
    Mutant(
        "an overage cap one seat too wide", r"l\.overage_in_use >= l\.cap_overage", "l.overage_in_use > l.cap_overage"
    ),
)
NO_LOCK = Mutant("no lock on licenses", r"(FROM licensing_license\b[^;]*?ORDER BY [a-z_, ]*id) FOR UPDATE", r"\1")
NO_LOCKS = Mutant("no locks at all", r" FOR UPDATE", "")
BACKWARDS = Mutant(
    "locked in the other order",
    r"(PERFORM FROM licensing_license[^;]*?ORDER BY id) FOR UPDATE",
    r"\1 DESC FOR UPDATE",
    also=(r"ORDER BY id FOR UPDATE\) AS locked", "ORDER BY id DESC FOR UPDATE) AS locked"),
)
LOOKED_TOO_EARLY = Mutant(
    "the clock read before the lock",
    r"BEGIN(\s+IF touched = '{}' THEN)",
    r"""BEGIN checkouts := coalesce((SELECT jsonb_agg(call || jsonb_build_object('looked', clock_timestamp()))
                                     FROM jsonb_array_elements(checkouts) call), '[]');\1""",
    also=(
        r"(FUNCTION seat_checkouts[^;]*? at timestamptz) := clock_timestamp\(\);",
        r"\1 := coalesce((calls -> 0 ->> 'looked')::timestamptz, clock_timestamp());",
    ),
)


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """The tenant's seat rule is the mutant's; afterwards the real one again."""
    try:
        _install(mutant.text())
        yield
    finally:
        _install(_rule())


def _install(rule: str) -> None:
    with owner_connection() as owner:
        owner.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(roles.schema_of(TENANT))))
        owner.execute(rule.encode())
