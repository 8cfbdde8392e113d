"""Jobs of this app: each looks for what is due."""

from __future__ import annotations

from celery import shared_task

from vendors import projection, provisioning, renewing, summing


@shared_task(name="vendors.provision_waiting")
def provision_waiting() -> None:
    provisioning.provision_all_waiting()


@shared_task(name="vendors.renew_contracts")
def renew_contracts() -> None:
    renewing.renew_what_is_over()


@shared_task(name="vendors.project_usage")
def project_usage() -> None:
    projection.project_due()


@shared_task(name="vendors.forget_old_usage")
def forget_old_usage() -> None:
    projection.forget_old()


@shared_task(name="vendors.recount_usage")
def recount_usage() -> None:
    summing.recount_lately()
