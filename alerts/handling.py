"""What people do about an alert: say that somebody is at it, or that it is over."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from alerts import deliveries, queries, raising, watching
from alerts.models import Alert
from alerts.refusals import AlreadyResolved
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from tenants import context

Status = Alert.Status


@transaction.atomic
def acknowledge(alert_id: str, *, actor: Actor, note: str = "") -> Alert:
    """Somebody is at it; who was first stays. Repeatable. Raises `NotFound`, `AlreadyResolved`."""
    alert = _locked(alert_id)
    if alert.status == Status.RESOLVED:
        raise AlreadyResolved
    if alert.status == Status.OPEN:
        values = {"status": Status.ACKNOWLEDGED, "acknowledged_at": clock.now(), "acknowledged_by": actor.label}
        _change(alert, "alert.acknowledged", actor, values, note)
    return alert


@transaction.atomic
def resolve(alert_id: str, *, actor: Actor, note: str = "") -> Alert:
    """It is over; when it happens again, another alert is raised. Repeatable. Raises `NotFound`."""
    alert = _locked(alert_id)
    if alert.status != Status.RESOLVED:
        values = {"status": Status.RESOLVED, "resolved_at": clock.now(), "resolved_by": actor.label}
        _change(alert, "alert.resolved", actor, values, note)
    return alert


def _locked(alert_id: str) -> Alert:
    """The row of watch before the alert's, as a look locks them."""
    watching.send_soon(context.current().tenant_id)
    return queries.alert_for(alert_id, for_update=True)


def _change(alert: Alert, event: str, actor: Actor, values: dict[str, Any], note: str) -> None:
    if note:
        values["note"] = note[:500]
    for name, value in values.items():
        setattr(alert, name, value)
    alert.save(update_fields=list(values))
    raising.note(event, alert, actor, **({"note": note[:500]} if note else {}))
    deliveries.enqueue(event, alert)
