"""The job that forgets whoever is to be forgotten."""

from __future__ import annotations

from celery import shared_task

from cloudlicenses.erasure import carrying_out
from tenants.context import platform


@shared_task(name="erasure.carry_out")
def carry_out() -> None:
    with platform():
        carrying_out.carry_out_due()
