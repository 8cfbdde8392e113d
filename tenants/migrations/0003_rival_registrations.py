"""Several registrations of one name may wait for their proof; the customers' numbers come from a sequence."""

from __future__ import annotations

from django.db import migrations, models

STATUSES = [
    ("pending_verification", "Pending"),
    ("verified", "Verified"),
    ("expired", "Expired"),
    ("closed", "Closed"),
]


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_sweep_due")]

    operations = [
        migrations.RemoveConstraint(model_name="registration", name="one_pending_registration"),
        migrations.AlterField(
            model_name="registration",
            name="status",
            field=models.CharField(choices=STATUSES, default="pending_verification", max_length=24),
        ),
        migrations.RunSQL("CREATE SEQUENCE tenants_crm_number", "DROP SEQUENCE tenants_crm_number"),
    ]
