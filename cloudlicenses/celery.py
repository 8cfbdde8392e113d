"""Background work. Every job is a row in the database that is due; Celery only wakes somebody up to look.

So a lost message is found by the next sweep, and one delivered twice finds nothing to do. A sweep that waited in the queue for
longer than its interval is dropped: the next one is as good. What waits for the answers of strangers' servers has a queue of its
own, so that with a worker of its own it holds up nothing else, however many of them hang. A worker that is told no queue takes
both.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from kombu.entity import Queue

from cloudlicenses.kit.patience import allow_long_statements
from cloudlicenses.observation.jobs import OUTWARD, QUEUES, observe_jobs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")


def every(seconds: float, task: str) -> dict[str, Any]:
    """A sweep's line in the beat table."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 5)}}


def nightly(hour: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": crontab(hour=hour, minute=17)}


app = Celery("cloudlicenses", include=["cloudlicenses.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.task_queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]  # kombu has no types
app.conf.task_routes = {
    "tenants.look_for_proofs": {"queue": OUTWARD},
    "billing.send_webhooks": {"queue": OUTWARD},
    "alerts.send": {"queue": OUTWARD},
}
app.conf.beat_schedule = {
    "announce what was recorded": every(1, "audit.deliver_events"),
    "seal the logs": every(5, "tenants.seal_logs"),
    "look for DNS proofs": every(3, "tenants.look_for_proofs"),
    "go on with half-made tenants": every(3, "tenants.continue_provisioning"),
    "bring lapsed seats back": every(2, "licensing.reclaim_lapsed_seats"),
    "send webhooks": every(2, "billing.send_webhooks"),
    "look for what is unusual": every(2, "alerts.look"),
    "send alerts": every(2, "alerts.send"),
    "look at whom nobody named": every(60, "alerts.name_the_unnamed"),
    "close months that are over": every(600, "billing.close_what_is_over"),
    "seal charges": every(60, "billing.seal_charges"),
    "write commit fees": nightly(0, "billing.ensure_commit_fees"),
    "forget old webhook deliveries": nightly(4, "billing.forget_deliveries"),
    "provision licenses that waited": every(10, "vendors.provision_waiting"),
    "show vendors what is used": every(60, "vendors.project_usage"),
    "forget old usage": nightly(5, "vendors.forget_old_usage"),
    "recount usage": nightly(6, "vendors.recount_usage"),
    "renew contracts": nightly(0, "vendors.renew_contracts"),
    "forget what was announced": nightly(3, "audit.forget_delivered"),
    "go on with rotations": every(30, "rotation.go_on"),
    "forget whoever asked for it": every(10, "erasure.carry_out"),
    "forget old answers and ended sessions": every(60, "web.forget_what_is_old"),
}
observe_jobs()


@signals.worker_init.connect
def _take_time(**_: Any) -> None:
    """Before its processes are forked."""
    allow_long_statements()
