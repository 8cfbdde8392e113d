"""A vendor's staff have four roles; until now all of them were `sales`, and could do everything: so they are its owners."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "Owner"),
                    ("license_admin", "License administrator"),
                    ("finance", "Finance"),
                    ("viewer", "Viewer"),
                    ("vendor_owner", "Owner"),
                    ("sales", "Sales"),
                    ("vendor_finance", "Finance"),
                    ("vendor_viewer", "Viewer"),
                    ("operator", "Operator"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            "UPDATE accounts_user SET role = 'vendor_owner' WHERE role = 'sales'", migrations.RunSQL.noop
        ),
    ]
