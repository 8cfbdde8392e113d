from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vendors", "0005_branding"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="usagehour",
            index=models.Index(
                fields=["tenant_id", "hour"],
                include=["license_id", "peak", "peak_overage", "seat_seconds", "checkouts", "denials"],
                name="hours_of_a_tenant",
            ),
        ),
    ]
