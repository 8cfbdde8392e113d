"""Billing's jobs. Each looks for what is due and may be called at any time."""

from __future__ import annotations

from celery import shared_task

from billing import ledger, rollup, sealing
from billing.webhooks import deliveries, sending
from cloudlicenses.kit import clock


@shared_task(name="billing.ensure_commit_fees")
def ensure_commit_fees() -> None:
    """Daily: the present month's fees of every license."""
    ledger.ensure_commit_fees(clock.today(), clock.today())


@shared_task(name="billing.close_what_is_over")
def close_what_is_over() -> None:
    """Every ten minutes: each month that is over, unless that was done."""
    rollup.close_what_is_over()


@shared_task(name="billing.send_webhooks")
def send_webhooks() -> None:
    """Every other second: messages that are due."""
    sending.send_due()


@shared_task(name="billing.forget_deliveries")
def forget_deliveries() -> None:
    """Nightly: the log of deliveries is kept for 90 days."""
    deliveries.forget_old()


@shared_task(name="billing.seal_charges")
def seal_charges() -> int:
    """Every minute: what was charged since. How many charges were sealed."""
    return sealing.seal_charges()
