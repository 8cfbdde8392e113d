"""When a license was revoked: its commit fee is not due for the months that begin after it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vendors", "0001_initial")]
    operations = [migrations.AddField("issuedlicense", "revoked_at", models.DateTimeField(null=True))]
