"""The sweep: seats of lapsed leases come back although nobody has asked for them."""

from __future__ import annotations

from celery import shared_task

from licensing import reclaim


@shared_task(name="licensing.reclaim_lapsed_seats")
def reclaim_lapsed_seats() -> int:
    """How many seats came back."""
    return reclaim.reclaim_due()
