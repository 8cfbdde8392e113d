"""Hours of a vendor and weeks of its licenses beside the hours of each license, summed once from what has been projected so far."""

from __future__ import annotations

from django.db import migrations, models

SUM_UP = (
    """
    INSERT INTO vendors_vendorhour
           (vendor_id, tenant_id, product_id, hour, peak, seat_seconds, checkouts, overage_checkouts, denials)
    SELECT vendor_id, coalesce(tenant_id, ''), coalesce(product_id, ''), hour, sum(peak), sum(seat_seconds), sum(checkouts),
           sum(overage_checkouts), sum(denials)
      FROM vendors_usagehour GROUP BY GROUPING SETS ((vendor_id, hour), (vendor_id, hour, tenant_id), (vendor_id, hour, product_id))
    """,
    """
    INSERT INTO vendors_licenseweek
           (license_id, week, vendor_id, tenant_id, product_id, peak, peak_overage, seat_seconds, checkouts, overage_checkouts,
            denials, seat_denials)
    SELECT license_id, date_trunc('week', hour, 'UTC'), vendor_id, tenant_id, product_id, max(peak), max(peak_overage),
           sum(seat_seconds), sum(checkouts), sum(overage_checkouts), sum(denials), sum(seat_denials)
      FROM vendors_usagehour GROUP BY 1, 2, 3, 4, 5
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("vendors", "0008_tenant_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "vendor_id",
                        "tenant_id",
                        "product_id",
                        "hour",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("vendor_id", models.CharField(max_length=40)),
                ("tenant_id", models.CharField(max_length=40)),
                ("product_id", models.CharField(max_length=100)),
                ("hour", models.DateTimeField()),
                ("peak", models.PositiveIntegerField()),
                ("seat_seconds", models.PositiveBigIntegerField()),
                ("checkouts", models.PositiveIntegerField()),
                ("overage_checkouts", models.PositiveIntegerField()),
                ("denials", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LicenseWeek",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "license_id", "week", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("license_id", models.CharField(max_length=120)),
                ("week", models.DateTimeField()),
                ("vendor_id", models.CharField(max_length=40)),
                ("tenant_id", models.CharField(max_length=40)),
                ("product_id", models.CharField(max_length=100)),
                ("peak", models.PositiveIntegerField()),
                ("peak_overage", models.PositiveIntegerField()),
                ("seat_seconds", models.PositiveBigIntegerField()),
                ("checkouts", models.PositiveIntegerField()),
                ("overage_checkouts", models.PositiveIntegerField()),
                ("denials", models.PositiveIntegerField()),
                ("seat_denials", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["vendor_id", "week"], name="weeks_of_a_vendor")],
            },
        ),
        *(migrations.RunSQL(sums, migrations.RunSQL.noop) for sums in SUM_UP),
    ]
