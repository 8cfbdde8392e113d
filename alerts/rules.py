"""A tenant's rules: of each kind of alert whether it is told, how grave it is, from which threshold on, and when it may wait.

Only what a tenant has changed is stored; everything else is as kinds.py says. All in the tenant's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db import transaction

from alerts.kinds import KINDS, SEVERITIES, Kind
from alerts.models import Rule
from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound, Said, gettext_noop


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a kind of alert is treated here."""

    kind: Kind
    is_on: bool
    severity: str
    thresholds: Mapping[str, int]
    quiet_from: time | None = None
    quiet_until: time | None = None

    def told_at(self, now: datetime, zone: tzinfo) -> datetime:
        """When a message may go out: now, or when the quiet time ends. What is critical never waits."""
        if self.quiet_from is None or self.quiet_until is None or self.severity == "critical":
            return now
        here = now.astimezone(zone)
        start, end = self.quiet_from, self.quiet_until
        is_quiet = start <= here.time() < end if start < end else here.time() >= start or here.time() < end
        if not is_quiet:
            return now
        day = here.date() if here.time() < end else here.date() + timedelta(days=1)
        return max(now, datetime.combine(day, end, tzinfo=zone).astimezone(now.tzinfo))


def all_rules() -> dict[str, Ruling]:
    """Of every kind."""
    changed = {rule.kind: rule for rule in Rule.objects.all()}
    return {name: _ruling(kind, changed.get(name)) for name, kind in KINDS.items()}


def rule_for(kind: str) -> Ruling:
    """Raises `NotFound` for what there are no alerts of."""
    if kind not in KINDS:
        raise NotFound
    return _ruling(KINDS[kind], Rule.objects.filter(kind=kind).first())


@transaction.atomic
def change(kind: str, changes: Mapping[str, Any], *, actor: Actor) -> Ruling:
    """Only what `changes` names: is_on, severity, thresholds (some of them), quiet_from and quiet_until. Raises `NotFound`,
    `InvalidInput`."""
    before = rule_for(kind)
    thresholds = {**before.thresholds, **changes.get("thresholds", {})}
    wanted = {
        name: changes.get(name, getattr(before, name)) for name in ("is_on", "severity", "quiet_from", "quiet_until")
    }
    _refuse_nonsense(before.kind, thresholds, wanted)
    Rule.objects.update_or_create(kind=kind, defaults={**wanted, "thresholds": thresholds})
    told = {name: value.isoformat() if isinstance(value, time) else value for name, value in changes.items()}
    events.record("alert_rule.changed", actor=actor, subject=("alert_rule", kind), changes=told)
    return rule_for(kind)


def _ruling(kind: Kind, rule: Rule | None) -> Ruling:
    usual = {threshold.name: threshold.usual for threshold in kind.thresholds}
    if rule is None:
        return Ruling(kind, kind.is_on, kind.severity, usual)
    chosen = {name: rule.thresholds.get(name, number) for name, number in usual.items()}
    return Ruling(kind, rule.is_on, rule.severity, chosen, rule.quiet_from, rule.quiet_until)


def _within(least: int, most: int) -> Said:
    return Said(gettext_noop("From %(least)s to %(most)s."), least=least, most=most)


def _refuse_nonsense(kind: Kind, thresholds: Mapping[str, int], wanted: Mapping[str, Any]) -> None:
    bounds = {threshold.name: (threshold.least, threshold.most) for threshold in kind.thresholds}
    errors = [
        FieldError(f"thresholds.{name}", "unknown", gettext_noop("This kind of alert has no such threshold."))
        for name in thresholds if name not in bounds
    ]  # fmt: skip
    errors += [
        FieldError(f"thresholds.{name}", "out_of_range", _within(*bounds[name]))
        for name, number in thresholds.items()
        if name in bounds and not bounds[name][0] <= number <= bounds[name][1]
    ]
    if wanted["severity"] not in SEVERITIES:
        one_of = Said(gettext_noop("Must be one of %(choices)s."), choices=", ".join(SEVERITIES))
        errors.append(FieldError("severity", "invalid_choice", one_of))
    if (wanted["quiet_from"] is None) != (wanted["quiet_until"] is None):
        errors.append(FieldError("quiet_until", "incomplete", gettext_noop("A quiet time has a beginning and an end.")))
    if errors:
        raise InvalidInput(errors=errors)
