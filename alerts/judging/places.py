"""Is a key used where it never was before, or in too many places at once?

Places are learned from seats that were given: an address (of IPv6 the /64, since hosts change the rest daily) and a hostname.
For its first days a key's places are only learned. Where a key is bound to networks or hosts, being within them is no news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min

from alerts.judging import pace
from alerts.judging.scene import CHECKED_OUT, REFUSED, Finding, Scene, place_of, told
from alerts.models import Sighting
from alerts.reading import Occurrence

ADDRESS, HOSTNAME = "address", "hostname"
KINDS = {ADDRESS: "unknown_address", HOSTNAME: "unknown_hostname"}
BINDINGS = {ADDRESS: "allowed_ip_ranges", HOSTNAME: "allowed_hostnames"}

SEE = """
    INSERT INTO alerts_sighting AS known (key_id, kind, place, is_familiar, first_at, last_at)
    SELECT * FROM unnest(%(keys)s::text[], %(kinds)s::text[], %(places)s::text[], %(familiar)s::boolean[], %(first)s::timestamptz[],
                         %(last)s::timestamptz[])
        ON CONFLICT (key_id, kind, place) DO UPDATE
       SET last_at = greatest(known.last_at, excluded.last_at), is_familiar = known.is_familiar OR excluded.is_familiar
"""


@dataclass(slots=True)
class Seen:
    """A key at a place in this look."""

    key_id: str
    kind: str
    place: str
    is_familiar: bool
    first_at: datetime
    last_at: datetime
    count: int
    occurrence: Occurrence


def judge(scene: Scene) -> Iterator[Finding]:
    seen = _seen(scene)
    if not seen:
        return
    findings = list(_unfamiliar(scene, seen))
    _write(seen)
    yield from findings
    yield from _crowded(scene, {each.key_id: each for each in seen if each.kind == ADDRESS})


def _seen(scene: Scene) -> list[Seen]:
    found: dict[tuple[str, str, str], Seen] = {}
    for occurrence in scene.of(CHECKED_OUT, REFUSED):
        if occurrence.key_id not in scene.keys:
            continue
        for kind, place in ((ADDRESS, place_of(occurrence.ip)), (HOSTNAME, occurrence.hostname.lower())):
            if place:
                _add(found, kind, place, occurrence)
    return list(found.values())


def _add(found: dict[tuple[str, str, str], Seen], kind: str, place: str, occurrence: Occurrence) -> None:
    was_given = occurrence.event == CHECKED_OUT
    known = found.get((occurrence.key_id, kind, place))
    if known is None:
        found[occurrence.key_id, kind, place] = Seen(
            occurrence.key_id, kind, place, was_given, occurrence.first_at, occurrence.last_at, occurrence.count, occurrence
        )  # fmt: skip
        return
    known.first_at, known.last_at = min(known.first_at, occurrence.first_at), max(known.last_at, occurrence.last_at)
    known.count += occurrence.count
    if was_given and not known.is_familiar:
        known.is_familiar, known.occurrence = True, occurrence


def _unfamiliar(scene: Scene, seen: list[Seen]) -> Iterator[Finding]:
    """Refused tries are told by refusals.py; here it is about seats that were given."""
    keys = {each.key_id for each in seen}
    familiar = Sighting.objects.filter(key_id__in=keys, is_familiar=True)
    known = set(familiar.filter(place__in={each.place for each in seen}).values_list("key_id", "kind", "place"))
    learned_since = {
        (key_id, kind): at for key_id, kind, at in familiar.values_list("key_id", "kind").annotate(Min("first_at"))
    }
    for each in seen:
        since = learned_since.get((each.key_id, each.kind))
        is_news = each.is_familiar and (each.key_id, each.kind, each.place) not in known
        if not is_news or since is None or getattr(scene.keys[each.key_id], BINDINGS[each.kind]):
            continue
        kind = KINDS[each.kind]
        if each.first_at >= since + timedelta(days=scene.limit(kind, "learning_days")):
            name = scene.key_name(each.key_id)
            yield Finding(kind, ("key", each.key_id), name, each.last_at, each.count, told(each.occurrence))


def _write(seen: list[Seen]) -> None:
    columns: dict[str, Any] = {
        "keys": [each.key_id for each in seen], "kinds": [each.kind for each in seen], "places": [each.place for each in seen],
        "familiar": [each.is_familiar for each in seen], "first": [each.first_at for each in seen],
        "last": [each.last_at for each in seen],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SEE, columns)


def _crowded(scene: Scene, seen: dict[str, Seen]) -> Iterator[Finding]:
    """How many addresses a key comes from within the rule's minutes; more than twice what is usual for it is too many."""
    minutes = scene.limit("many_addresses", "minutes")
    newest = max((each.last_at for each in seen.values()), default=scene.now)
    lately = Sighting.objects.filter(
        key_id__in=seen, kind=ADDRESS, last_at__gt=newest - timedelta(minutes=minutes), last_at__lte=newest
    )
    numbers = dict(lately.values_list("key_id").annotate(Count("pk")))
    levels = {key_id: (each.last_at, numbers.get(key_id, 0)) for key_id, each in seen.items()}
    for key_id, usual in pace.usual_levels("addresses", levels).items():
        last, number = seen[key_id], numbers.get(key_id, 0)
        if number >= scene.limit("many_addresses", "addresses") and number > 2 * usual:
            facts = told(last.occurrence) | {"number": number, "minutes": minutes, "usual": round(usual)}
            yield Finding("many_addresses", ("key", key_id), scene.key_name(key_id), last.last_at, 1, facts)
