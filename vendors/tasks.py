"""Jobs of this app: each looks for what is due."""

from __future__ import annotations

from celery import shared_task

from vendors import provisioning, renewing


@shared_task(name="vendors.provision_waiting")
def provision_waiting() -> None:
    provisioning.provision_all_waiting()


@shared_task(name="vendors.renew_contracts")
def renew_contracts() -> None:
    renewing.renew_what_is_over()
