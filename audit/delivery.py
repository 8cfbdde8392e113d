"""Telling listeners what was recorded: in the background, after commit, each listener at least once.

`deliver_due` claims one due row of the outbox at a time, loads its audit entry in the scope it was written in, and calls the
listeners of its event. Each that succeeds is remembered (`Delivered`) in the transaction of what it wrote, so a listener that only
writes to the database hears exactly once. One that fails is tried again with growing pauses and holds up no other. A worker that
dies leaves a claim that lapses. After `PATIENCE` the row is given up; its last problem stays to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from audit.models import AuditEntry
from audit.outbox.models import Delivered, OutboxEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web.scrubbing import without_secrets

CLAIM = timedelta(minutes=1)  # longer than all listeners of one event take together
PATIENCE = timedelta(days=3)
LONGEST_PAUSE = timedelta(minutes=10)
KEPT = timedelta(days=7)
FORGOTTEN_AT_ONCE = 5_000

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Event:
    """What a listener is told. `id` is the same at every attempt; `tenant_id` says whose schema holds the entry."""

    id: str
    name: str
    at: datetime
    tenant_id: str
    vendor_id: str
    entry_id: int
    actor: Actor
    subject: tuple[str, str]
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], object]
Listeners = Mapping[str, Sequence[Listener]]
Enter = Callable[[str], AbstractContextManager[object]]  # the scope of a tenant, given its id


def deliver_due(listeners: Listeners, *, inside: Enter, most: int = 500) -> int:
    """Deliver what is due, at most `most` rows; how many were claimed. In platform scope, outside of a transaction."""
    _pass_over_what_nobody_hears(listeners)
    for count in range(most):
        row = _claim_one(listeners)
        if row is None:
            return count
        _deliver(row, listeners[row.event], inside)
    return most


def give_up_on_tenant(tenant_id: str) -> None:
    """For a tenant that is being deleted: its entries go, so nobody can be told of them."""
    OutboxEntry.objects.filter(tenant_id=tenant_id, done_at=None).update(
        done_at=clock.now(), last_problem="tenant deleted"
    )


def forget_delivered() -> int:
    """Drop rows that were done `KEPT` ago; how many, with who heard of them. The audit entries stay.

    A batch at a time: a day may have brought millions, and Django reads what it deletes together with what points at it.
    """
    old, gone = OutboxEntry.objects.filter(done_at__lt=clock.now() - KEPT).order_by("pk"), 0
    while batch := list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        gone += OutboxEntry.objects.filter(pk__in=batch).delete()[0]
    return gone


def name_of(listener: Listener) -> str:
    """How `Delivered` remembers a listener: rename one, and it hears of what is still under way once more."""
    return f"{listener.__module__}.{getattr(listener, '__qualname__', type(listener).__qualname__)}"


def _pass_over_what_nobody_hears(listeners: Listeners) -> None:
    OutboxEntry.objects.filter(done_at=None).exclude(event__in=listeners).update(done_at=clock.now())


@transaction.atomic
def _claim_one(listeners: Listeners) -> OutboxEntry | None:
    """Of what somebody hears: what was recorded since the rest was passed over is passed over the next time."""
    now = clock.now()
    due = OutboxEntry.objects.filter(done_at=None, next_try_at__lte=now, event__in=listeners)
    row = due.order_by("next_try_at", "id").select_for_update(skip_locked=True).first()
    if row is not None:
        row.attempts += 1
        row.next_try_at = now + CLAIM
        row.save(update_fields=["attempts", "next_try_at"])
    return row


def _deliver(row: OutboxEntry, listeners: Sequence[Listener], inside: Enter) -> None:
    try:
        event = _load(row, inside)
    except Exception as error:  # whatever it is, it is kept with the row and must not stop the others
        _settle(row, [_problem(row, "loading", error)])
        return
    heard = set(row.delivered.values_list("listener", flat=True))
    waiting = [listener for listener in listeners if name_of(listener) not in heard]
    _settle(row, [problem for listener in waiting if event and (problem := _tell(listener, event, row))])


def _load(row: OutboxEntry, inside: Enter) -> Event | None:
    """The event, or None when its entry is gone."""
    with inside(row.tenant_id) if row.tenant_id else nullcontext():
        entry = AuditEntry.objects.filter(pk=row.entry_id).first()
    if entry is None:
        return None
    return Event(
        id=f"evt-{row.pk}", name=row.event, at=entry.at, tenant_id=row.tenant_id, vendor_id=row.vendor_id, entry_id=entry.pk,
        actor=_actor_of(entry), subject=(entry.subject_kind, entry.subject_id), code=entry.code, facts=entry.facts,
    )  # fmt: skip


def _actor_of(entry: AuditEntry) -> Actor:
    return Actor(
        kind=entry.actor_kind, id=entry.actor_id, label=entry.actor_label, key_id=entry.key_id, ip=entry.ip or "",
        hostname=entry.hostname, fingerprint=entry.fingerprint, user_agent=entry.user_agent, request_id=entry.request_id,
    )  # fmt: skip


def _tell(listener: Listener, event: Event, row: OutboxEntry) -> str:
    """What went wrong; empty if nothing did."""
    try:
        with transaction.atomic():
            listener(event)
            Delivered.objects.create(entry=row, listener=name_of(listener))
    except Exception as error:  # one bad listener must not stop the others
        return _problem(row, name_of(listener), error)
    return ""


def _problem(row: OutboxEntry, what: str, error: Exception) -> str:
    log.warning(
        "delivery failed", event_name=row.event, row=row.pk, listener=what, attempt=row.attempts, exc_info=error
    )
    return f"{what}: {type(error).__name__}: {without_secrets(str(error))}"


def _settle(row: OutboxEntry, problems: list[str]) -> None:
    now = clock.now()
    row.last_problem = "; ".join(problems)[:500].replace("\0", "")
    row.next_try_at = now + min(timedelta(seconds=2 ** min(row.attempts, 10)), LONGEST_PAUSE)
    if not problems or row.at < now - PATIENCE:
        row.done_at = now
    row.save(update_fields=["last_problem", "next_try_at", "done_at"])
