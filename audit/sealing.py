"""Sealing the log: entries that have been committed become leaves of their log's tree, and its new head is signed.

Nobody who writes an entry waits for this: entries are written as ever, and a job comes by afterwards. One source (a tenant's
schema, or `public`) is claimed by its row of `audit_sealdue`; then in one transaction its new entries are found
(audit/positions.py), appended in that order, the head is signed, the position moves. A worker that dies at any line has done
nothing; a second one finds the row locked, or nothing new. That an entry has one leaf, and a place one entry, the database
holds too.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Now

from audit import events, leaves, positions, trees
from audit.dating import Order
from audit.models import AuditEntry, TreeHead, TreeLeaf
from audit.positions import Gap, Position
from audit.refusals import LogDamaged
from audit.seals.models import SealDue, SealedUpTo
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.sealing.master import Unsealable

PUBLIC = ""
PLATFORM_LOG = "platform"
MOST_AT_ONCE = 5_000
MOST_NAMED = 20  # of entries that did not come when they say
AGAIN = timedelta(seconds=5)  # after a look that found something
LONGEST_PAUSE = timedelta(hours=1)  # of a source where nothing happens; who writes there brings the look forward
PUT_OFF = timedelta(minutes=1)
PATIENCE_MS = 2_000  # for a lock; all the others wait meanwhile

log = structlog.get_logger("sealing")
Enter = Callable[[str], AbstractContextManager[object]]  # the scope of a tenant, given its id


def log_of_tenant(tenant_id: str) -> str:
    return f"tenant/{tenant_id}"


def log_of_vendor(vendor_id: str) -> str:
    return f"vendor/{vendor_id}"


def seal_due(*, inside: Enter, most: int = 500) -> int:
    """Seal what is due, at most `most` sources; how many entries. In platform scope, outside of a transaction."""
    now = clock.now()
    due = SealDue.objects.filter(due_at__lte=now).order_by("due_at").values_list("source", flat=True)
    return sum(_seal_or_put_off(source, now, inside) for source in list(due[:most]))


def keep_watch_on(sources: Iterable[str]) -> None:
    """The logs of these sources are sealed from now on. Repeatable."""
    rows = [SealDue(source=source, due_at=clock.now()) for source in sources]
    SealDue.objects.bulk_create(rows, ignore_conflicts=True)


def give_up_on_tenant(tenant_id: str) -> None:
    """For a tenant that is being deleted."""
    SealDue.objects.filter(source=tenant_id).delete()
    SealedUpTo.objects.filter(source=tenant_id).delete()


def _seal_or_put_off(source: str, now: datetime, inside: Enter) -> int:
    try:
        return seal_source(source, inside=inside, due_by=now)
    except (DatabaseError, LogDamaged, Unsealable) as error:
        log.error("a log can't be sealed now", source=source or PLATFORM_LOG, exc_info=error)
    failing_since = Coalesce("failing_since", Value(clock.now()))
    SealDue.objects.filter(source=source).update(due_at=clock.now() + PUT_OFF, failing_since=failing_since)
    return 0


@transaction.atomic
def seal_source(source: str, *, inside: Enter, due_by: datetime) -> int:
    """How many entries were sealed; none if somebody else is at it."""
    due = SealDue.objects.select_for_update(skip_locked=True).filter(source=source, due_at__lte=due_by).first()
    if due is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
    position = _position_of(source)
    with inside(source) if source else nullcontext():
        found, behind = positions.look(position, MOST_AT_ONCE)
        misdated = _append(found, source)
    if behind != position:
        SealedUpTo.objects.update_or_create(
            source=source,
            defaults={
                "entry_id": behind.entry_id,
                "gaps": [[gap.first, gap.last, gap.transaction, gap.seconds] for gap in behind.gaps],
            },
        )
    if misdated:
        due.misdated_at = clock.now()
    _look_again(due, len(found))
    return len(found)


def _position_of(source: str) -> Position:
    row = SealedUpTo.objects.filter(source=source).first()
    return Position(row.entry_id, tuple(Gap(*gap) for gap in row.gaps)) if row else Position()


def _append(found: list[int], source: str) -> bool:
    """In `public` stand the platform's entries and the vendors', each of a log of its own. Whether one was not of its time."""
    by_log: dict[str, list[AuditEntry]] = defaultdict(list)
    now = clock.now()
    for entry in AuditEntry.objects.filter(pk__in=found).annotate(read_at=Now()).order_by("pk"):
        by_log[log_of(entry, source)].append(entry)
        now = entry.read_at  # by the clock that entries are dated by
    misdated = [_append_to(name, entries, now) for name, entries in by_log.items()]
    return any(misdated)


def _append_to(name: str, entries: list[AuditEntry], now: datetime) -> bool:
    """An entry that didn't come when it says is sealed like all others, and its leaf says so: the log goes on as a witness."""
    head = trees.newest_head(name)
    order = Order(_newest_at(head), now)
    sealed = [_leaf(entry, name, order.trouble(entry.at)) for entry in entries]
    trees.append(name, sealed, behind=head, newest_at=order.newest)
    misdated = [leaf for leaf in sealed if leaf.misdated]
    if misdated:
        _tell(name, misdated)
    return bool(misdated)


def _newest_at(head: TreeHead | None) -> datetime | None:
    """When the newest entry under this head happened; of heads from before that was noted, when the last one did."""
    if head is None:
        return None
    if head.newest_at is not None:
        return head.newest_at
    last = TreeLeaf.objects.filter(log=head.log, index=head.size - 1).values("entry_id")
    return AuditEntry.objects.filter(pk__in=last).values_list("at", flat=True).first()


def _tell(name: str, misdated: list[trees.Leaf]) -> None:
    """In the log itself, for whom it concerns (alerts/judging/bent.py); operators see it among what waits for them, and here."""
    shown = [f"evt-{leaf.entry_id}" for leaf in misdated[:MOST_NAMED]]
    log.error("entries of a log did not come when they say: somebody put them in", log=name, entries=shown)
    kind, _, vendor_id = name.partition("/")
    events.record(
        "log.misdated", actor=SYSTEM, subject=("log", name), vendor_id=vendor_id if kind == "vendor" else "",
        entries=shown, number=len(misdated), kinds=sorted({leaf.misdated for leaf in misdated}),
    )  # fmt: skip


def log_of(entry: AuditEntry, source: str) -> str:
    """The log that an entry belongs to."""
    if source:
        return log_of_tenant(source)
    return log_of_vendor(entry.vendor_id) if entry.vendor_id else PLATFORM_LOG


def _leaf(entry: AuditEntry, name: str, misdated: str) -> trees.Leaf:
    salt = os.urandom(leaves.SALT_LENGTH)
    return trees.Leaf(entry.pk, leaves.leaf_of(entry, name, salt), salt, misdated)


def _look_again(due: SealDue, found: int) -> None:
    """At once when there may be more; soon when there was something; then at growing pauses."""
    due.idle_looks = 0 if found else min(due.idle_looks + 1, 20)
    pause = timedelta(0) if found >= MOST_AT_ONCE else min(AGAIN * 2**due.idle_looks, LONGEST_PAUSE)
    if due.source == PUBLIC:
        pause = min(pause, AGAIN)
    due.due_at = clock.now() + pause
    due.failing_since = None
    due.save(update_fields=["idle_looks", "due_at", "failing_since", "misdated_at"])
