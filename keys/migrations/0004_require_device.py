"""Keys that only a registered device may use."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0003_certificate_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="require_device",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
