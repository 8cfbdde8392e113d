"""Sending what is due: claim, send, write down. At least once, by any number of workers.

1. A claim is one conditional UPDATE: it counts the attempt and keeps the delivery for a while, skipping rows that another worker
   is claiming. When a worker dies, its claims lapse and somebody else sends.
2. Requests go out side by side, outside of any transaction; few of one endpoint at a time over all workers, so that one that
   hangs doesn't keep the others waiting.
3. The result is written to the attempt that was claimed. 2xx is delivered; all else is tried again, later and later, until the
   queue's patience is at its end. A redirect is not followed: it would lead where nobody agreed to.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from django.db import connection

from cloudlicenses.kit import clock
from cloudlicenses.web.outgoing.problems import Unsent, of_status

AT_ONCE = 20
LEASE = timedelta(seconds=60)  # longer than resolving and wire.TOTAL_SECONDS together
SHORTEST_PAUSE = timedelta(seconds=5)
KEPT_OF_AN_ANSWER = 1000
KEPT_TRIES = 50
LONGEST_PROBLEM = 500

CLAIM = """
    UPDATE {deliveries}
       SET attempts = attempts + 1, claimed_until = %(now)s + %(lease)s, first_try_at = coalesce(first_try_at, %(now)s)
     WHERE id IN (
           SELECT id FROM {deliveries}
            WHERE status = 'pending' AND next_try_at <= %(now)s AND (claimed_until IS NULL OR claimed_until <= %(now)s)
              AND id IN (
                  SELECT id FROM (
                      SELECT delivery.id, coalesce(claimed_until > %(now)s, false) AS is_claimed,
                             row_number() OVER (
                                 PARTITION BY endpoint_id
                                 ORDER BY coalesce(claimed_until > %(now)s, false) DESC, next_try_at, delivery.id
                             ) AS turn
                        FROM {deliveries} AS delivery
                        JOIN {endpoints} AS endpoint ON endpoint.id = endpoint_id AND endpoint.is_active
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
    UPDATE {deliveries}
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

log = structlog.get_logger("outgoing")


class Delivery(Protocol):
    """What a row of a queue has, whatever else is in it."""

    @property
    def pk(self) -> Any: ...

    attempts: int
    first_try_at: datetime | None


SomeDelivery = TypeVar("SomeDelivery", bound=Delivery)


@dataclass(frozen=True, slots=True)
class Outcome:
    at: datetime
    http_status: int | None
    milliseconds: int
    problem: Unsent | None = None
    answer: str = ""

    @property
    def said(self) -> str:
        """The problem in English, as programs read it; empty if there is none."""
        return str(self.problem)[:LONGEST_PROBLEM] if self.problem else ""


@dataclass(frozen=True, slots=True)
class Queue:
    """Two tables of the present scope: deliveries with an `endpoint_id`, and endpoints that may be inactive. `of_one`: how many
    of one endpoint are under way at most, over all workers; with 1 they go out in order."""

    deliveries: str
    endpoints: str
    of_one: int
    tried_for: timedelta
    longest_pause: timedelta

    def claim(self) -> list[str]:
        """The ids of what this worker has to send now."""
        limits: dict[str, Any] = {"now": clock.now(), "lease": LEASE, "of_one": self.of_one, "at_once": AT_ONCE}
        with connection.cursor() as cursor:
            cursor.execute(self._of(CLAIM), limits)
            return [str(row[0]) for row in cursor.fetchall()]

    def write_down(self, delivery: Delivery, outcome: Outcome) -> None:
        now = clock.now()
        trying_for = now - (delivery.first_try_at or now)
        values: dict[str, Any] = {
            "id": delivery.pk, "attempt": delivery.attempts, "entry": json.dumps([_entry(delivery, outcome)]), "kept": KEPT_TRIES,
            "http_status": outcome.http_status, "problem": outcome.said, "arrived": outcome.problem is None,
            "at": now, "given_up": trying_for >= self.tried_for, "delay": self.pause_after(trying_for),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(self._of(WRITE_DOWN), values)
        log.info(
            "sent", delivery=delivery.pk, attempt=delivery.attempts, status=outcome.http_status, problem=outcome.said
        )

    def pause_after(self, trying_for: timedelta) -> timedelta:
        """Twice as long as we have been trying: 5 s, 10 s, 30 s, 90 s, … up to the longest, the last when patience ends.

        Up to a fifth shorter or longer, so that a receiver that was down isn't stormed when it is back.
        """
        pause = min(max(2 * trying_for, SHORTEST_PAUSE), self.longest_pause)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing

    def _of(self, statement: str) -> str:
        return statement.format(deliveries=self.deliveries, endpoints=self.endpoints)


def side_by_side(
    claimed: Sequence[SomeDelivery], send: Callable[[SomeDelivery], tuple[int | None, str]]
) -> Iterator[tuple[SomeDelivery, Outcome]]:
    """Each as it comes back. `send` does nothing but the network, in a thread of its own: the database is the caller's alone. It
    answers the receiver's status and the start of its answer, or raises `Unsent`."""
    with ThreadPoolExecutor(max_workers=len(claimed)) as threads:
        waiting = {threads.submit(_attempt, delivery, send): delivery for delivery in claimed}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _attempt(delivery: SomeDelivery, send: Callable[[SomeDelivery], tuple[int | None, str]]) -> Outcome:
    started, at = time.monotonic(), clock.now()
    status, answer = None, ""
    problem: Unsent | None = None
    try:
        status, answer = send(delivery)
        problem = None if status is None or 200 <= status < 300 else of_status(status)
    except Unsent as unsent:
        problem = unsent
    except Exception as error:  # whatever it is, it must not keep the other deliveries of this claim
        log.error("could not be sent", delivery=delivery.pk, exc_info=error)
        problem = Unsent("broken", reason=type(error).__name__)
    return Outcome(at, status, round((time.monotonic() - started) * 1000), problem, answer[:KEPT_OF_AN_ANSWER])


def _entry(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    return {
        "at": clock.rfc3339(outcome.at),
        "attempt": delivery.attempts,
        "status": outcome.http_status,
        "duration_ms": outcome.milliseconds,
        "problem": outcome.said,
        "code": outcome.problem.code if outcome.problem else "",
        "about": outcome.problem.about if outcome.problem else {},
        "answer": outcome.answer,
    }
