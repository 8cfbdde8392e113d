"""Background work. Every job is a row in the database that is due; Celery only wakes somebody up to look.

So a lost message is found by the next sweep, and one delivered twice finds nothing to do.
"""

from __future__ import annotations

import os

from celery import Celery

from cloudlicenses.observation.jobs import count_jobs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")

app = Celery("cloudlicenses")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
count_jobs()
