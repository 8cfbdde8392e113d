"""Background work: the DNS proof, half-made tenants, logs to be sealed. Each task looks at what is due; see the stories."""

from __future__ import annotations

from celery import shared_task

from tenants import provisioning, sealing, verification


@shared_task(name="tenants.look_for_proofs")
def look_for_proofs() -> None:
    verification.look_for_proofs()


@shared_task(name="tenants.continue_provisioning")
def continue_provisioning() -> None:
    provisioning.continue_provisioning()


@shared_task(name="tenants.seal_logs")
def seal_logs() -> int:
    """How many entries were sealed."""
    return sealing.seal_logs()
