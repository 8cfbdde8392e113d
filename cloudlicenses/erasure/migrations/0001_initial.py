from django.db import migrations, models

import cloudlicenses.sealing.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("tenant_id", models.CharField(blank=True, max_length=40)),
                ("vendor_id", models.CharField(blank=True, max_length=40)),
                ("sealed_person", cloudlicenses.sealing.fields.SealedField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=254)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("entries", models.PositiveIntegerField(db_default=0, default=0)),
                ("rows", models.PositiveIntegerField(db_default=0, default=0)),
                ("changed", models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("done_at", None)), fields=["next_try_at"], name="due_erasures"),
                    models.Index(fields=["tenant_id", "vendor_id", "asked_at"], name="erasures_of_an_owner"),
                ],
            },
        ),
    ]
