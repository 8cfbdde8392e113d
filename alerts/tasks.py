"""Jobs about alerts. Each looks for what is due and may be called at any time."""

from __future__ import annotations

from celery import shared_task

from alerts import looking, sending, watching
from tenants.context import platform


@shared_task(name="alerts.look")
def look() -> None:
    """Every other second: tenants at which something happened."""
    looking.look_due()


@shared_task(name="alerts.send")
def send() -> None:
    """Every other second: messages that are due."""
    sending.send_due()


@shared_task(name="alerts.name_the_unnamed")
def name_the_unnamed() -> None:
    """Every minute: tenants that a dying process may have forgotten to name."""
    with platform():
        watching.name_the_unnamed()
