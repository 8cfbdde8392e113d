"""Reading an audit log, in the scope where it stands: a tenant's, a vendor's, or the platform's.

Entries are found by whole values (an event, a person, a key, a host), for which there is an index that costs nothing to keep
(docs/decisions/0015); a part of a word would have to be looked for in every entry there is. An e-mail address finds what its
person did, and what was done to them (people.py); a key's id also the rotation that it came of.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from audit import people
from audit.models import AuditEntry, TreeLeaf
from cloudlicenses.kit import months
from cloudlicenses.kit.refusals import NotFound

NEWEST_FIRST = ("-id",)
RESULTS = ("success", "refused")
SEARCHED = ("event", "code", "actor_id", "actor_label", "subject_id", "key_id", "hostname")
LATELY = 2000  # entries, whose events are offered to whoever fills in a filter


BY_INDEX = "SET LOCAL enable_seqscan = off"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty means all. `about` is any of the values that an entry names; days are UTC, both included."""

    about: str = ""
    event: str = ""
    actor: str = ""
    key_id: str = ""
    result: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def names_values(self) -> bool:
        return any((self.about, self.event, self.actor, self.key_id))


@contextmanager
def found_by_index(wanted: Wanted) -> Iterator[None]:
    """Read here what `entries` finds: asked for a value in any of many columns, the planner thinks that the whole log must be read,
    while it looks up each by itself."""
    if not wanted.names_values:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(BY_INDEX)
        yield


def of_log(log: str) -> QuerySet[AuditEntry]:
    """All entries of a log. In `public` stand several: the platform's, and each vendor's."""
    return (
        AuditEntry.objects.all() if log.startswith("tenant/") else AuditEntry.objects.filter(vendor_id=vendor_of(log))
    )


def vendor_of(log: str) -> str:
    """The vendor whose log it is; empty for a tenant's, and for the platform's."""
    kind, _, name = log.partition("/")
    return name if kind == "vendor" else ""


def entries(wanted: Wanted, log: str, *, among: people.Among = people.HERE) -> QuerySet[AuditEntry]:
    """What of the log fits all that is wanted. `among`: where its people are looked up."""
    found = of_log(log)
    if wanted.about:
        found = found.filter(_about(wanted.about, log, among))
    if wanted.event:
        found = found.filter(event=wanted.event)
    if wanted.actor:
        found = found.filter(_named(wanted.actor, ("actor_id", "actor_label")))
    if wanted.key_id:
        found = found.filter(_named(wanted.key_id, ("key_id", "subject_id")) | _came_of(wanted.key_id))
    if wanted.result in RESULTS:
        found = found.filter(result=wanted.result)
    return _within(found, wanted.since, wanted.until)


def entry(entry_id: int, log: str) -> AuditEntry:
    """Raises `NotFound`, also for an entry of another log."""
    found = of_log(log).filter(pk=entry_id).first()
    if found is None:
        raise NotFound
    return found


def sealed_among(entry_ids: Iterable[int]) -> set[int]:
    """Those of these entries that have their leaf."""
    return set(TreeLeaf.objects.filter(entry_id__in=list(entry_ids)).values_list("entry_id", flat=True))


def recent_events(log: str) -> list[str]:
    """What has happened lately, by name."""
    lately = of_log(log).order_by("-id").values("event")[:LATELY]
    return sorted(set(lately.values_list("event", flat=True)))


def _about(value: str, log: str, among: people.Among) -> Q:
    condition = _named(value, SEARCHED)
    if "@" in value:
        return condition | people.concerning(value, vendor_id=vendor_of(log), among=among)
    return condition | _came_of(value) if value.startswith("key-") else condition


def _came_of(key_id: str) -> Q:
    return Q(event="key.rotated", facts__new_key_id=key_id)


def _named(value: str, names: tuple[str, ...]) -> Q:
    condition = Q()
    for name in names:
        condition |= Q(**{f"{name}__in": {value, value.lower()}})
    return condition | Q(ip=value) if names == SEARCHED and _is_address(value) else condition


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _within(found: QuerySet[AuditEntry], since: date | None, until: date | None) -> QuerySet[AuditEntry]:
    if since:
        found = found.filter(at__gte=months.start_of(since))
    if until:
        found = found.filter(at__lt=months.start_of(until + timedelta(days=1)))
    return found
