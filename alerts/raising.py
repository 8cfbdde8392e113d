"""Raising, counting and resolving by itself: one open alert for each kind and subject.

What happens again to a subject is counted on its open alert; people are told when it is raised, and when it is resolved. What
lasts (a `cause`) is told once, also when somebody resolved it while it lasts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from alerts import deliveries
from alerts.judging import lasting
from alerts.judging.scene import Finding, Scene
from alerts.kinds import KINDS
from alerts.models import Alert
from audit import events
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import SYSTEM, Actor

SEEN_KEPT = 10
NOTED_AT = (10, 100, 1_000, 10_000, 100_000)  # occurrences at which the dashboard is told of an alert once more
Status = Alert.Status


def tell(findings: Iterable[Finding], scene: Scene) -> None:
    """Raise or count each of them, as the tenant's rules say."""
    wanted = [finding for finding in findings if scene.rules[finding.kind].is_on]
    told = _told_causes({finding.kind for finding in wanted if finding.cause})
    for finding in wanted:
        if finding.cause and (finding.kind, finding.subject[1][:254], finding.cause) in told:
            continue
        known = _open_alert(finding)
        if known and finding.cause:  # another one: a budget was raised, say, and is nearly used up again
            _resolve(known, "cause_gone", scene.now)
            known = None
        if known:
            _count(known, finding)
        else:
            _raise(finding, scene)


def resolve_what_is_over(scene: Scene) -> None:
    """Those whose cause is gone, and those that were quiet for long enough."""
    unresolved = Alert.objects.exclude(status=Status.RESOLVED)
    if not unresolved.exists():
        return
    for alert, why in list(lasting.over(scene, unresolved.select_for_update())):
        _resolve(alert, why, scene.now)
    for alert in Alert.objects.exclude(status=Status.RESOLVED).select_for_update():
        hours = KINDS[alert.kind].resolves_after
        if hours and alert.last_at + timedelta(hours=hours) <= scene.now:
            _resolve(alert, "quiet", scene.now)


def next_end(now: datetime) -> datetime | None:
    """When the next alert will have been quiet for long enough."""
    last = Alert.objects.exclude(status=Status.RESOLVED).values_list("kind").annotate(Min("last_at"))
    ends = [at + timedelta(hours=KINDS[kind].resolves_after) for kind, at in last if KINDS[kind].resolves_after]
    return max(min(ends), now) if ends else None


def _told_causes(kinds: Collection[str]) -> set[tuple[str, str, str]]:
    """Asked for all at once: hundreds of keys may be about to expire, minute after minute."""
    return set(Alert.objects.filter(kind__in=kinds).values_list("kind", "subject_id", "facts__cause"))


def _open_alert(finding: Finding) -> Alert | None:
    same = Alert.objects.filter(kind=finding.kind, subject_kind=finding.subject[0], subject_id=finding.subject[1][:254])
    return same.exclude(status=Status.RESOLVED).select_for_update().first()


def _raise(finding: Finding, scene: Scene) -> None:
    rule = scene.rules[finding.kind]
    facts = {**finding.facts, **({"cause": finding.cause} if finding.cause else {})}
    alert = Alert.objects.create(
        id=ids.new_id("alert"), kind=finding.kind, severity=rule.severity, subject_kind=finding.subject[0],
        subject_id=finding.subject[1][:254], subject_name=finding.name[:255], count=finding.count, first_at=finding.at,
        last_at=finding.at, facts=facts, seen=[_sight(finding)],
    )  # fmt: skip
    note("alert.raised", alert, _as_seen(finding))
    deliveries.enqueue("alert.raised", alert, not_before=rule.told_at(scene.now, scene.hours.clock))


def _count(alert: Alert, finding: Finding) -> None:
    before = alert.count
    alert.count += finding.count
    alert.last_at = max(alert.last_at, finding.at)
    alert.facts = dict(finding.facts)
    alert.seen = [_sight(finding), *alert.seen][:SEEN_KEPT]
    alert.save(update_fields=["count", "last_at", "facts", "seen"])
    if any(before < mark <= alert.count for mark in NOTED_AT):
        note("alert.repeated", alert, _as_seen(finding))


def _resolve(alert: Alert, why: str, now: datetime) -> None:
    alert.status, alert.resolved_at, alert.resolved_by = Status.RESOLVED, now, ""
    alert.facts = alert.facts | {"why": why}
    alert.save(update_fields=["status", "resolved_at", "resolved_by", "facts"])
    note("alert.resolved", alert, SYSTEM, why=why)
    deliveries.enqueue("alert.resolved", alert)


def note(event: str, alert: Alert, actor: Actor, **facts: Any) -> None:
    """In the audit log, by which the event stream tells it; nobody else waits for it."""
    names = ("kind", "severity", "status", "count", "subject_kind", "subject_id", "subject_name")
    told = {name: getattr(alert, name) for name in names}
    events.record(event, actor=actor, subject=("alert", alert.id), announce=False, **told, **facts)


def _as_seen(finding: Finding) -> Actor:
    """The system says so, of this key at this place."""
    places = {name: finding.facts.get(name, "") for name in ("ip", "hostname", "fingerprint")}
    key_id = finding.subject[1][:40] if finding.subject[0] == "key" else ""
    return replace(SYSTEM, key_id=key_id, **places)


def _sight(finding: Finding) -> dict[str, Any]:
    return {"at": clock.rfc3339(finding.at), "count": finding.count, **finding.facts}
