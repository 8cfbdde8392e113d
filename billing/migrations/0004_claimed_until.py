"""A delivery that a worker is sending is told from one that waits for its time."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_statement_lines")]
    operations = [migrations.AddField("webhookdelivery", "claimed_until", models.DateTimeField(null=True))]
