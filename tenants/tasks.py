"""Background work: the DNS proof, and half-made tenants. Each task looks at what is due; see the stories."""

from __future__ import annotations

from celery import shared_task

from tenants import provisioning, verification


@shared_task(name="tenants.look_for_proofs")
def look_for_proofs() -> None:
    verification.look_for_proofs()


@shared_task(name="tenants.continue_provisioning")
def continue_provisioning() -> None:
    provisioning.continue_provisioning()
