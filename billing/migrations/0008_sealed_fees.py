from django.db import migrations, models


class Migration(migrations.Migration):
    """Which fees are sealed is asked every minute, and a bill may have thousands of rows of checkouts beside them."""

    dependencies = [
        ("billing", "0007_charges_by_instant"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="sealedcharges",
            index=models.Index(
                fields=["month", "vendor_id", "tenant_id"], condition=models.Q(("are_fees", True)), name="sealed_fees"
            ),
        ),
    ]
