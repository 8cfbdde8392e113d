"""The index of a vendor's hours holds all that its charts add up, so that they need not read the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vendors", "0006_hours_of_a_tenant")]
    operations = [
        migrations.RemoveIndex(model_name="usagehour", name="hours_of_a_vendor"),
        migrations.AddIndex(
            model_name="usagehour",
            index=models.Index(
                fields=["vendor_id", "hour"],
                include=[
                    "license_id", "tenant_id", "product_id", "in_use", "peak", "peak_overage", "seat_seconds",
                    "checkouts", "overage_checkouts", "denials", "seat_denials",
                ],
                name="hours_of_a_vendor",
            ),
        ),
    ]  # fmt: skip
