"""A vendor's own look: logo, colour, whom its customers may write to."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vendors", "0004_usage_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="Logo",
            fields=[
                (
                    "vendor",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="logo",
                        serialize=False,
                        to="vendors.vendor",
                    ),
                ),
                ("png", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="vendor",
            name="brand_color",
            field=models.CharField(blank=True, db_default="", default="", max_length=7),
        ),
        migrations.AddField(
            model_name="vendor",
            name="logo_digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="vendor",
            name="support_email",
            field=models.EmailField(blank=True, db_default="", default="", max_length=254),
        ),
    ]
