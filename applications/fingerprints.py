"""Fingerprints of applications: learned as they come, approved or blocked by people. In the tenant's scope.

The plane gathers what it sees and hands it over now and then (`learn`), so that no checkout pays for it. A decision reaches every
process within a second (web.wakeups).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from applications import queries
from applications.models import NO_PRODUCT, Fingerprint, ProductGuard
from audit import events
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from cloudlicenses.web import wakeups

MOST_OF_A_PRODUCT = 20_000
UNKNOWN = "fingerprint.unknown"

NOTE = """
    INSERT INTO applications_fingerprint AS f (id, product_id, value, state, lib_version, first_seen_at, last_seen_at, "user",
                                               hostname, ip, key_id, decided_by)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, nullif(%s, '')::inet, %s, ''
    WHERE EXISTS (SELECT FROM applications_fingerprint WHERE product_id = %s AND value = %s)
       OR (SELECT count(*) FROM applications_fingerprint WHERE product_id = %s) < %s
    ON CONFLICT (product_id, value) DO UPDATE
    SET lib_version = excluded.lib_version, last_seen_at = greatest(f.last_seen_at, excluded.last_seen_at),
        "user" = coalesce(nullif(excluded."user", ''), f."user"),
        hostname = excluded.hostname, ip = excluded.ip, key_id = excluded.key_id
    RETURNING f.id = %s
"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fingerprint that was used: for which product, when, and by whom; `user` is empty where nobody was named, and the one known
    before stays. `state`: what it gets if it is new."""

    product_id: str
    value: str
    state: str
    mode: str
    lib_version: str
    user: str
    at: datetime
    actor: Actor


@transaction.atomic
def learn(sightings: Iterable[Sighting]) -> None:
    """Remember what was seen; new ones of a product that is no longer only observed are told of (`fingerprint.unknown`). A product
    has room for `MOST_OF_A_PRODUCT`: what comes beyond is not kept."""
    for seen in sorted(sightings, key=lambda seen: (seen.product_id, seen.value)):
        fingerprint_id = ids.new_id("fpr")
        if _note(fingerprint_id, seen) and seen.mode != ProductGuard.Mode.OBSERVE:
            events.record(
                UNKNOWN, actor=seen.actor, subject=("fingerprint", fingerprint_id),
                product_id=seen.product_id, user=seen.user, lib_version=seen.lib_version, mode=seen.mode,
            )  # fmt: skip


def is_listed(value: str) -> bool:
    """Whether it was seen before, with whatever product."""
    return Fingerprint.objects.filter(value=value).exists()


def approve(actor: Actor, fingerprint_ids: Sequence[str]) -> int:
    """These installations are known from now on, in every mode. How many changed. Raises `NotFound` if one isn't there."""
    return _decide(actor, fingerprint_ids, Fingerprint.State.KNOWN, "fingerprint.approved")


def block(actor: Actor, fingerprint_ids: Sequence[str]) -> int:
    """These installations are refused from now on, in every mode. How many changed. Raises `NotFound` if one isn't there."""
    return _decide(actor, fingerprint_ids, Fingerprint.State.BLOCKED, "fingerprint.blocked")


@transaction.atomic
def set_mode(actor: Actor, product_id: str, mode: str) -> ProductGuard:
    """How this product's applications are looked at; in force at once."""
    guard, _ = ProductGuard.objects.select_for_update().get_or_create(product_id=product_id)
    if guard.mode != mode:
        before, guard.mode, guard.revision = guard.mode, mode, guard.revision + 1
        guard.save(update_fields=["mode", "revision"])
        events.record(
            "fingerprint_mode.changed", actor=actor, subject=("product", product_id), before=before, after=mode
        )
        wakeups.announce("applications", queries.tenant_id())
    return guard


@transaction.atomic
def _decide(actor: Actor, fingerprint_ids: Sequence[str], state: str, event: str) -> int:
    found = [each for each in queries.fingerprints_for_update(fingerprint_ids) if each.state != state]
    for each in found:
        each.state, each.decided_at, each.decided_by = state, clock.now(), actor.label or actor.id
        each.save(update_fields=["state", "decided_at", "decided_by"])
        events.record(
            event, actor=actor, subject=("fingerprint", each.id), product_id=each.product_id, of=each.value, host=each.hostname
        )  # fmt: skip
    if found:
        _revise(sorted({each.product_id for each in found} - {NO_PRODUCT}))
        wakeups.announce("applications", queries.tenant_id())
    return len(found)


def _revise(product_ids: Sequence[str]) -> None:
    ProductGuard.objects.bulk_create([ProductGuard(product_id=each) for each in product_ids], ignore_conflicts=True)
    ProductGuard.objects.filter(product_id__in=product_ids).update(revision=F("revision") + 1)


def _note(fingerprint_id: str, seen: Sighting) -> bool:
    """Whether it is new."""
    actor, whose = seen.actor, (seen.product_id, seen.value)
    values: list[str | datetime | int | None] = [
        fingerprint_id, *whose, seen.state, seen.lib_version[:64], seen.at, seen.at, seen.user[:254], actor.hostname[:253],
        actor.ip, actor.key_id, *whose, seen.product_id, MOST_OF_A_PRODUCT, fingerprint_id,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)
        row = cursor.fetchone()
    return row is not None and bool(row[0])
