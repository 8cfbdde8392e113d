from django.db import migrations, models


class Migration(migrations.Migration):
    """What a vendor's overview and lists begin with, found without reading every license there is."""

    dependencies = [("vendors", "0009_sums_of_vendors")]

    operations = [
        migrations.AddIndex(
            model_name="crmaccount",
            index=models.Index(fields=["vendor", "customer_name", "id"], name="accounts_by_name"),
        ),
        migrations.AddIndex(
            model_name="issuedlicense",
            index=models.Index(fields=["vendor", "-created_at", "id"], name="newest_licenses"),
        ),
        migrations.AddIndex(
            model_name="issuedlicense",
            index=models.Index(
                condition=models.Q(("auto_renew", False)), fields=["vendor", "end_date", "id"], name="ending_licenses"
            ),
        ),
        migrations.AddIndex(
            model_name="issuedlicense",
            index=models.Index(fields=["vendor", "status"], name="licenses_by_status"),
        ),
    ]
