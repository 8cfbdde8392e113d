"""Erasing who somebody was from a sealed log, for good: on request, once they are nobody's colleague any more (ADR 0025).
cloudlicenses/erasure forgets them everywhere else.

Of each entry that names them all that may be personal goes, and the salt of its leaf; what the leaf commits to stays. So proofs,
heads and exports stay good, and say "erased". Nobody who serves requests may change a log: the database's owner does it, on
a connection of its own. An entry that is no longer as it was sealed is left alone, since it is evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from psycopg import sql

from audit import events, leaves, sealing
from audit.models import AuditEntry, TreeLeaf
from cloudlicenses.kit.actor import Actor
from tenants import context
from tenants.ownership import owner_connection

BATCH = 1_000
# By whole values, in any case; facts at any depth. Numbers of users count where they are said to be users' alone.
NAMING = """
    SELECT id FROM audit_auditentry WHERE {of_log} AND (
        lower(actor_id) = ANY(%(names)s) OR lower(actor_label) = ANY(%(names)s) OR lower(subject_id) = ANY(%(names)s)
        OR (actor_kind = ANY(%(kinds)s) AND actor_id = %(user)s) OR (subject_kind = 'user' AND subject_id = %(user)s)
        OR EXISTS (SELECT FROM jsonb_path_query(facts, '$.** ? (@.type() == "string")') AS said
                   WHERE lower(said #>> '{{}}') = ANY(%(names)s))
    ) ORDER BY id
"""
ERASE = """
    WITH gone AS (
        UPDATE {leaves} AS leaf SET salt = NULL, erased = new.kept
          FROM unnest(%s::bigint[], %s::bytea[]) AS new (entry_id, kept)
         WHERE leaf.entry_id = new.entry_id AND leaf.salt IS NOT NULL RETURNING leaf.entry_id)
    UPDATE {entries} AS entry
       SET actor_id = '', actor_label = '', subject_id = '', ip = NULL, hostname = '', fingerprint = '', user_agent = '',
           facts = '{{}}'
      FROM gone WHERE entry.id = gone.entry_id
"""


@dataclass(slots=True)
class Erased:
    """`waiting`: not sealed yet, ask again in a minute. `changed`: not as they were sealed, and therefore left alone."""

    log: str
    entries: int = 0
    waiting: int = 0
    changed: int = 0


def erase(names: Sequence[str], *, user_id: str = "", tenant_id: str = "", vendor_id: str = "", actor: Actor) -> Erased:
    """From the log of a tenant, a vendor, or else the platform. `names`: whole values, each of which means this person.

    That it is done is recorded first, without a name. Repeatable: what was erased names nobody.
    """
    found = Erased(_log(tenant_id, vendor_id))
    with _scope(tenant_id):
        numbers = _naming(found.log, names, user_id)
        is_recorded = False
        for batch in _batches(numbers):
            kept = _kept(batch, found)
            if kept and not is_recorded:
                subject, is_recorded = ("log", found.log), True
                events.record("log.erased", actor=actor, subject=subject, vendor_id=vendor_id, named=len(numbers))
            found.entries += _erase(kept)
    return found


def _log(tenant_id: str, vendor_id: str) -> str:
    if tenant_id:
        return sealing.log_of_tenant(tenant_id)
    return sealing.log_of_vendor(vendor_id) if vendor_id else sealing.PLATFORM_LOG


def _scope(tenant_id: str) -> AbstractContextManager[context.Scope]:
    return context.inside(tenant_id) if tenant_id else context.platform()


def _naming(log: str, names: Sequence[str], user_id: str) -> list[int]:
    """The entries that name the person and have not been erased yet. Operators and others may have the same number."""
    kind, _, vendor_id = log.partition("/")
    kinds = ["operator"] if kind == sealing.PLATFORM_LOG else ["user"]
    of_log = "true" if kind == "tenant" else "vendor_id = %(vendor)s"
    values = {"names": [name.lower() for name in names], "kinds": kinds, "user": user_id or None, "vendor": vendor_id}
    with connection.cursor() as cursor:
        cursor.execute(NAMING.format(of_log=of_log), values)
        return [number for (number,) in cursor.fetchall()]


def _kept(numbers: Sequence[int], found: Erased) -> dict[int, bytes]:
    """What the leaf of each entry goes on committing to. Entries are read first: the leaf of one erased meanwhile has no salt."""
    entries = {entry.pk: entry for entry in AuditEntry.objects.filter(pk__in=numbers)}
    known = {leaf.entry_id: leaf for leaf in TreeLeaf.objects.filter(log=found.log, entry_id__in=numbers)}
    kept = {}
    for number, entry in entries.items():
        leaf = known.get(number)
        if leaf is None:
            found.waiting += 1
        elif leaf.salt is None or leaves.leaf_of(entry, found.log, bytes(leaf.salt)) != bytes(leaf.hash):
            found.changed += 1
        else:
            kept[number] = leaves.commitment(entry, bytes(leaf.salt))
    return kept


def _erase(kept: dict[int, bytes]) -> int:
    schema = context.current().schema_name
    statement = sql.SQL(ERASE).format(
        leaves=sql.Identifier(schema, "audit_treeleaf"), entries=sql.Identifier(schema, "audit_auditentry")
    )
    with owner_connection() as owner:
        return owner.execute(statement, [list(kept), list(kept.values())]).rowcount


def _batches(numbers: Sequence[int]) -> Iterator[list[int]]:
    left = iter(numbers)
    while batch := list(islice(left, BATCH)):
        yield batch
