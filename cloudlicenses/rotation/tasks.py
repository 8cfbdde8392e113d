"""The job that goes on with rotations, whoever began them."""

from __future__ import annotations

from celery import shared_task

from cloudlicenses.rotation import sweeping


@shared_task(name="rotation.go_on")
def go_on() -> None:
    sweeping.sweep()
