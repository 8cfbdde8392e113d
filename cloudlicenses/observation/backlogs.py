"""What waits to be done, or to be looked into: one query each, over an index of what is due, whatever the number of tenants.

A backlog whose query fails (the database is away) is left out: an absent figure alarms, a wrong one lulls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import Error as DatabaseError
from django.db import connection
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

log = structlog.get_logger("metrics")


@dataclass(frozen=True, slots=True)
class Backlog:
    """`due` is the condition of the table's partial index; `since` is when a row began to wait."""

    name: str
    table: str
    due: str
    since: str

    @property
    def query(self) -> str:
        return (
            f"SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min({self.since})), 0) "  # noqa: S608 - our own words
            f"FROM public.{self.table} WHERE {self.due}"
        )


BACKLOGS = (
    Backlog("outbox", "audit_outbox", "done_at IS NULL", "at"),
    Backlog(  # one that can't be sealed waits for its next try, but is waiting all the time
        "logs_to_seal",
        "audit_sealdue",
        "(due_at <= clock_timestamp() OR failing_since IS NOT NULL)",
        "coalesce(failing_since, due_at)",
    ),
    Backlog("bent_logs", "audit_sealdue", "misdated_at > now() - interval '7 days'", "misdated_at"),
    Backlog("erasures", "erasure_erasure", "done_at IS NULL", "asked_at"),
    Backlog(  # what waits for an endpoint that its vendor has paused waits for the vendor
        "webhook_deliveries",
        "billing_webhookdelivery",
        "status = 'pending'"
        " AND endpoint_id <> ALL (ARRAY (SELECT id FROM public.billing_webhookendpoint WHERE NOT is_active))",
        "created_at",
    ),
    Backlog("alerts", "alerts_watch", "look_at <= clock_timestamp()", "look_at"),
    Backlog("registrations", "tenants_registration", "status = 'pending_verification'", "created_at"),
    Backlog("onboarding_steps", "tenants_onboardingstep", "done_at IS NULL", "started_at"),
)


class Backlogs(Collector):
    """How many rows wait, and how long the oldest of them has."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("cloudlicenses_backlog_rows", "Rows that wait to be worked on.", labels=["backlog"])
        oldest = GaugeMetricFamily(
            "cloudlicenses_backlog_oldest_seconds", "How long the oldest has waited.", labels=["backlog"]
        )
        for backlog in BACKLOGS:
            if found := _measure(backlog):
                waiting.add_metric([backlog.name], found[0])
                oldest.add_metric([backlog.name], found[1])
        yield from (waiting, oldest)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`rows` None: nobody could find out."""

    name: str
    rows: int | None
    oldest_seconds: int = 0


def what_waits() -> list[Waiting]:
    """Each backlog as it is now, for a page. In platform scope."""
    found = [(backlog.name, _measure(backlog)) for backlog in BACKLOGS]
    return [
        Waiting(name, int(measured[0]), int(measured[1])) if measured else Waiting(name, None)
        for name, measured in found
    ]


def _measure(backlog: Backlog) -> tuple[float, float] | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(backlog.query)
            count, seconds = cursor.fetchone()
    except DatabaseError as error:
        log.warning("backlog unknown", backlog=backlog.name, error=type(error).__name__)
        return None
    return float(count), max(float(seconds), 0.0)
