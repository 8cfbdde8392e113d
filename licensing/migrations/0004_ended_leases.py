"""Leases that ended within a time are found without reading them all."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("licensing", "0003_wider_spent")]
    operations = [
        migrations.AddIndex(
            model_name="lease",
            index=BrinIndex(autosummarize=True, fields=["ended_at"], name="ended_leases"),
        ),
    ]
