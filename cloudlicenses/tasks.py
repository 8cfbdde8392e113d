"""Background work of the project as a whole: handing what was recorded to those who listen (wiring.py)."""

from __future__ import annotations

from celery import shared_task

from audit import delivery
from cloudlicenses import housekeeping
from cloudlicenses.wiring import LISTENERS
from tenants.context import inside


@shared_task(name="audit.deliver_events")
def deliver_events() -> None:
    delivery.deliver_due(LISTENERS, inside=inside)


@shared_task(name="audit.forget_delivered")
def forget_delivered() -> None:
    delivery.forget_delivered()


@shared_task(name="web.forget_what_is_old")
def forget_what_is_old() -> None:
    housekeeping.forget_what_is_old()
