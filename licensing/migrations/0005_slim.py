"""Only the indexes and checks that a checkout should pay for; licensing/models.py says why."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# Django makes them beside each key that is text, for LIKE, which nobody asks for here.
FOR_LIKE = (
    "licensing_lease_id_a6527210_like",
    "licensing_lease_license_id_3e52429f_like",
    "licensing_license_id_6a72ec3f_like",
    "licensing_license_product_id_126aa726_like",
)


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0004_ended_leases"),
    ]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in FOR_LIKE], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="lease",
            name="license",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="licensing.license",
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="ttl_seconds",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="license",
            name="cap_in_use",
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="license",
            name="cap_overage",
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="license",
            name="commit_in_use",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="license",
            name="commit_qty",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="license",
            name="max_overage",
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name="license",
            name="overage_in_use",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="license",
            name="revision",
            field=models.IntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="license",
            name="total_licenses",
            field=models.IntegerField(),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["license", "issued_at"], name="leases_of_a_license"),
        ),
    ]
