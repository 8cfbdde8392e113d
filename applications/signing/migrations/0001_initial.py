"""What vendors' applications sign with."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import cloudlicenses.sealing.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SignedProduct",
            fields=[
                ("product_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("vendor_id", models.CharField(db_index=True, max_length=40)),
                ("is_required", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="ProductSecret",
            fields=[
                ("id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("vendor_id", models.CharField(db_index=True, max_length=40)),
                ("sealed_secret", cloudlicenses.sealing.fields.SealedField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(blank=True, max_length=254)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="secrets", to="signing.signedproduct"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "id"],
            },
        ),
    ]
