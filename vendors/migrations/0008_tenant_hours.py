"""The hours of a tenant beside those of its licenses, summed once from what has been projected so far."""

from __future__ import annotations

from django.db import migrations, models

SUM_UP = """
    INSERT INTO vendors_tenanthour (tenant_id, hour, peak, peak_overage, seat_seconds, checkouts, denials)
    SELECT tenant_id, hour, sum(peak), sum(peak_overage), sum(seat_seconds), sum(checkouts), sum(denials)
      FROM vendors_usagehour GROUP BY tenant_id, hour
"""


class Migration(migrations.Migration):
    dependencies = [("vendors", "0007_charts_of_a_vendor")]

    operations = [
        migrations.CreateModel(
            name="TenantHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.CharField(max_length=40)),
                ("hour", models.DateTimeField()),
                ("peak", models.PositiveIntegerField()),
                ("peak_overage", models.PositiveIntegerField()),
                ("seat_seconds", models.PositiveBigIntegerField()),
                ("checkouts", models.PositiveIntegerField()),
                ("denials", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(SUM_UP, migrations.RunSQL.noop),
    ]
