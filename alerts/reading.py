"""What is new in a tenant's audit log, each entry exactly once, although ids do not come in the order of commits.

As the event stream does (ADR 0014): behind the highest id read we remember which ids below it were missing. One that is missing
still when every transaction has ended that could have drawn it will not come any more. What is alike is counted by the
database, so that ten thousand checkouts of one key in a minute are one line here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.watch.models import Watch
from cloudlicenses.kit import clock

MOST_AT_ONCE = 20_000
MOST_MISSING = 5_000
LATECOMERS_SECONDS = 2.0
WATCHED = (
    "license.checked_out", "license.denied", "key.refused", "fingerprint.unknown", "key.leaked",
    "user.invited", "user.role_changed", "log.misdated",
)  # fmt: skip

NEWS = """
    WITH new AS MATERIALIZED (
        (SELECT * FROM audit_auditentry WHERE id > %(upto)s ORDER BY id LIMIT %(most)s)
        UNION ALL SELECT * FROM audit_auditentry WHERE id = ANY (%(missing)s::bigint[])
    ), alike AS (
        SELECT event, code, actor_kind, actor_label, key_id, coalesce(host(ip), '') AS ip, hostname, fingerprint,
               CASE event WHEN 'license.checked_out' THEN '' ELSE subject_id END AS subject_id,
               count(*) AS count, min(at) AS first_at, max(at) AS last_at, (array_agg(facts ORDER BY id DESC))[1] AS facts
          FROM new WHERE event = ANY (%(watched)s) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, date_trunc('minute', at) ORDER BY max(id)
    )
    SELECT pg_snapshot_xmin(shot)::text::bigint, pg_snapshot_xmax(shot)::text::bigint,
           (SELECT max(id) FROM new), (SELECT count(*) FROM new WHERE id > %(upto)s),
           ARRAY(SELECT id FROM new WHERE id <= %(upto)s),
           ARRAY(SELECT id FROM generate_series(%(upto)s + 1, (SELECT max(id) FROM new)) AS id EXCEPT SELECT id FROM new),
           coalesce((SELECT jsonb_agg(alike) FROM alike), '[]')::text
      FROM pg_current_snapshot() AS shot
"""
NEWEST = "SELECT coalesce(max(id), 0) FROM audit_auditentry"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`count` entries of one minute that differ in nothing that matters; `facts` are the last one's."""

    event: str
    code: str
    key_id: str
    ip: str
    hostname: str
    fingerprint: str
    subject_id: str
    actor_kind: str
    actor_label: str
    count: int
    first_at: datetime
    last_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """`is_all`: nothing was left for another look. `is_waiting`: some ids may still come."""

    occurrences: Sequence[Occurrence]
    is_all: bool
    is_waiting: bool


def read(watch: Watch) -> News:
    """What has come since, in the tenant's scope. The caller saves the watch, moved on, with what it made of the news."""
    with connection.cursor() as cursor:
        if watch.read_upto is None:
            cursor.execute(NEWEST)
            watch.read_upto = int(cursor.fetchone()[0])
        known = {int(entry[0]): entry for entry in watch.missing}
        wanted: dict[str, Any] = {
            "upto": watch.read_upto,
            "missing": list(known),
            "most": MOST_AT_ONCE,
            "watched": list(WATCHED),
        }
        cursor.execute(NEWS, wanted)
        oldest, following, newest, count, late, gaps, alike = cursor.fetchone()
    _move_on(watch, known, Snapshot(oldest, following), newest, late, gaps)
    return News([_occurrence(row) for row in json.loads(alike)], count < MOST_AT_ONCE, bool(watch.missing))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The first transaction that was still under way, and the first that had not begun."""

    oldest: int
    following: int


def _move_on(
    watch: Watch, known: dict[int, Any], shot: Snapshot, newest: int | None, late: list[int], gaps: list[int]
) -> None:
    now = clock.now().timestamp()
    still = [
        entry
        for number, entry in known.items()
        if number not in late and not (shot.oldest >= entry[1] and now - entry[2] > LATECOMERS_SECONDS)
    ]
    fresh = [[number, shot.following, now] for number in sorted(gaps)]
    watch.missing = [*still, *fresh][-MOST_MISSING:]
    watch.read_upto = max(watch.read_upto or 0, newest or 0)


def _occurrence(row: dict[str, Any]) -> Occurrence:
    times = {name: datetime.fromisoformat(row[name]) for name in ("first_at", "last_at")}
    return Occurrence(**row | times | {"facts": row["facts"] or {}})
