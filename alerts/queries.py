"""Finding alerts, in the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from alerts.models import Alert
from cloudlicenses.kit.refusals import NotFound

NEWEST_FIRST = ("-last_at", "-id")
UNRESOLVED = "unresolved"
STATUSES = (UNRESOLVED, *Alert.Status.values)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty means all. `about`: a subject's id, or words of its name."""

    status: str = ""
    kind: str = ""
    severity: str = ""
    about: str = ""


def alerts(wanted: Wanted = Wanted()) -> QuerySet[Alert]:
    found = Alert.objects.all()
    if wanted.status == UNRESOLVED:
        found = found.exclude(status=Alert.Status.RESOLVED)
    elif wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    if wanted.about:
        found = found.filter(Q(subject_id=wanted.about) | Q(subject_name__icontains=wanted.about))
    return found


def alert_for(alert_id: str, *, for_update: bool = False) -> Alert:
    """Raises `NotFound`."""
    rows = Alert.objects.select_for_update() if for_update else Alert.objects.all()
    found = rows.filter(id=alert_id).first()
    if found is None:
        raise NotFound
    return found


def open_count() -> int:
    """How many nobody has looked at yet."""
    return Alert.objects.filter(status=Alert.Status.OPEN).count()
