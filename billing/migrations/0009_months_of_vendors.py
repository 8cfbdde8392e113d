"""What a vendor's charts and lists read: sums of each month, written from the lines there are, and deliveries by their endpoint."""

from django.db import migrations, models

ADD_UP = """
    INSERT INTO billing_vendormonth (vendor_id, month, currency, commit_checkouts, overage_checkouts, overage_cost, commit_fee)
    SELECT vendor_id, month, currency,
           coalesce(sum(quantity) FILTER (WHERE kind = 'commit'), 0),
           coalesce(sum(quantity) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'overage'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'commit_fee'), 0)
      FROM billing_statementline
     GROUP BY vendor_id, month, currency
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_sealed_fees")]

    operations = [
        migrations.CreateModel(
            name="VendorMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "vendor_id", "month", "currency", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("vendor_id", models.CharField(max_length=40)),
                ("month", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("commit_checkouts", models.PositiveBigIntegerField()),
                ("overage_checkouts", models.PositiveBigIntegerField()),
                ("overage_cost", models.DecimalField(decimal_places=2, max_digits=16)),
                ("commit_fee", models.DecimalField(decimal_places=2, max_digits=16)),
            ],
        ),
        migrations.RunSQL(ADD_UP, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-created_at", "-id"], name="newest_deliveries"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("status", "failed")),
                fields=["endpoint", "-created_at", "-id"],
                name="failed_deliveries",
            ),
        ),
    ]
