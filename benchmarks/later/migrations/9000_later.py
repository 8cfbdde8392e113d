"""A column as it may be added while yesterday's code runs on: it has a default in the database."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations, models

from licensing import migrations as of_today


class Migration(migrations.Migration):
    dependencies = [("licensing", max(path.stem for path in Path(of_today.__path__[0]).glob("0*.py")))]

    operations = [
        migrations.AddField("license", "later", models.TextField(db_default="")),
    ]
