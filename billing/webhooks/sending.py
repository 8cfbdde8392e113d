"""Sending what is due: claim, send, write down. At least once, by any number of workers.

1. A claim is one conditional UPDATE: it counts the attempt and keeps the delivery for a while, skipping rows that another worker
   is claiming. When a worker dies, its claims lapse and somebody else sends.
2. Requests go out side by side, outside of any transaction; few of one endpoint at a time over all workers, so that one that
   hangs doesn't keep the others waiting.
3. The result is written to the attempt that was claimed. 2xx is delivered; all else is tried again, later and later, for three
   days. A redirect is not followed: it would lead where nobody agreed to.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from billing.models import WebhookDelivery
from billing.webhooks import signing, wire
from billing.webhooks.endpoints import authorization_of, secrets_of
from cloudlicenses.kit import clock
from tenants.context import platform

AT_ONCE, OF_ONE_ENDPOINT = 20, 4
LEASE = timedelta(seconds=60)  # longer than resolving and wire.TOTAL_SECONDS together
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
TRIED_FOR = timedelta(days=3)
KEPT_OF_AN_ANSWER = 1000
KEPT_TRIES = 50

CLAIM = """
    UPDATE billing_webhookdelivery
       SET attempts = attempts + 1, claimed_until = %(now)s + %(lease)s, first_try_at = coalesce(first_try_at, %(now)s)
     WHERE id IN (
           SELECT id FROM billing_webhookdelivery
            WHERE status = 'pending' AND next_try_at <= %(now)s AND (claimed_until IS NULL OR claimed_until <= %(now)s)
              AND id IN (
                  SELECT id FROM (
                      SELECT delivery.id, coalesce(claimed_until > %(now)s, false) AS is_claimed,
                             row_number() OVER (
                                 PARTITION BY endpoint_id
                                 ORDER BY coalesce(claimed_until > %(now)s, false) DESC, next_try_at, delivery.id
                             ) AS turn
                        FROM billing_webhookdelivery AS delivery
                        JOIN billing_webhookendpoint AS endpoint ON endpoint.id = endpoint_id AND endpoint.is_active
                       WHERE status = 'pending' AND next_try_at <= %(now)s
                  ) AS due
                   WHERE turn <= %(of_one)s AND NOT is_claimed ORDER BY turn LIMIT %(at_once)s
              )
              FOR UPDATE SKIP LOCKED
     )
    RETURNING id
"""

# `attempts` names the claim: whoever comes late writes to the log, and changes nothing that a later attempt decides.
WRITE_DOWN = """
    UPDATE billing_webhookdelivery
       SET log = CASE WHEN jsonb_array_length(log) >= %(kept)s THEN log - 0 ELSE log END || %(entry)s::jsonb,
           last_status = %(http_status)s,
           last_problem = %(problem)s,
           status = CASE WHEN %(arrived)s THEN 'delivered'
                         WHEN attempts <> %(attempt)s OR status <> 'pending' THEN status
                         WHEN %(given_up)s THEN 'failed'
                         ELSE 'pending' END,
           delivered_at = CASE WHEN %(arrived)s THEN %(at)s ELSE delivered_at END,
           next_try_at = CASE WHEN attempts = %(attempt)s THEN %(at)s + %(delay)s ELSE next_try_at END,
           claimed_until = CASE WHEN attempts = %(attempt)s THEN NULL ELSE claimed_until END
     WHERE id = %(id)s
"""

log = structlog.get_logger("webhooks")


@dataclass(frozen=True, slots=True)
class Outcome:
    at: datetime
    http_status: int | None
    milliseconds: int
    problem: str = ""
    answer: str = ""

    @property
    def has_arrived(self) -> bool:
        return self.http_status is not None and 200 <= self.http_status < 300


def send_due(*, rounds: int = 50) -> int:
    """Send until nothing is due (or for so many rounds); how many attempts were made."""
    made = 0
    with platform():
        for _ in range(rounds):
            claimed = _claim()
            if not claimed:
                break
            for delivery, outcome in _send_all(claimed):
                _write_down(delivery, outcome)
                made += 1
    return made


def _claim() -> list[WebhookDelivery]:
    limits: dict[str, Any] = {"now": clock.now(), "lease": LEASE, "of_one": OF_ONE_ENDPOINT, "at_once": AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, limits)
        claimed = [row[0] for row in cursor.fetchall()]
    return list(WebhookDelivery.objects.filter(id__in=claimed).select_related("endpoint"))


def _send_all(claimed: list[WebhookDelivery]) -> Iterator[tuple[WebhookDelivery, Outcome]]:
    """Threads do nothing but the network; the database is ours alone."""
    with ThreadPoolExecutor(max_workers=len(claimed)) as threads:
        waiting = {threads.submit(_send, delivery): delivery for delivery in claimed}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _send(delivery: WebhookDelivery) -> Outcome:
    started, at = time.monotonic(), clock.now()
    status, problem, answer = None, "", ""
    try:
        body = delivery.body.encode()
        status, answer = wire.post(delivery.endpoint.url, body, _headers(delivery, body, at))
        problem = "" if 200 <= status < 300 else _problem_with(status)
    except wire.Unsent as unsent:
        problem = str(unsent)
    except Exception as error:  # whatever it is, it must not keep the other deliveries of this claim
        log.error("webhook could not be sent", delivery=delivery.pk, exc_info=error)
        problem = f"It could not be sent: {type(error).__name__}."
    return Outcome(at, status, round((time.monotonic() - started) * 1000), problem[:500], answer[:KEPT_OF_AN_ANSWER])


def _headers(delivery: WebhookDelivery, body: bytes, at: datetime) -> dict[str, str]:
    headers = signing.headers(
        message_id=delivery.message_id, timestamp=int(at.timestamp()), body=body, secrets=secrets_of(delivery.endpoint)
    )
    if token := authorization_of(delivery.endpoint):
        headers["authorization"] = f"Bearer {token}"
    return headers | {
        "content-type": "application/json",
        "user-agent": "CloudLicenses-Webhooks/1",
        "accept-encoding": "identity",
    }


def _problem_with(status: int) -> str:
    return "It redirects, and redirects are not followed." if 300 <= status < 400 else f"It answered {status}."


def _write_down(delivery: WebhookDelivery, outcome: Outcome) -> None:
    entry = {
        "at": clock.rfc3339(outcome.at),
        "attempt": delivery.attempts,
        "status": outcome.http_status,
        "duration_ms": outcome.milliseconds,
        "problem": outcome.problem,
        "answer": outcome.answer,
    }
    now = clock.now()
    trying_for = now - (delivery.first_try_at or now)
    values: dict[str, Any] = {
        "id": delivery.pk, "attempt": delivery.attempts, "entry": json.dumps([entry]), "kept": KEPT_TRIES,
        "http_status": outcome.http_status, "problem": outcome.problem, "arrived": outcome.has_arrived,
        "at": now, "given_up": trying_for >= TRIED_FOR, "delay": pause_after(trying_for),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WRITE_DOWN, values)
    log.info(
        "webhook", delivery=delivery.pk, attempt=delivery.attempts, status=outcome.http_status, problem=outcome.problem
    )


def pause_after(trying_for: timedelta) -> timedelta:
    """Twice as long as we have been trying: 5 s, 10 s, 30 s, 90 s, … at most 6 h, the last at the end of the three days.

    Up to a fifth shorter or longer, so that a receiver that was down isn't stormed when it is back.
    """
    pause = min(max(2 * trying_for, SHORTEST_PAUSE), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
