import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["event", "code", "actor_id", "actor_label", "subject_id", "key_id", "hostname"],
                opclasses=["text_bloom_ops"] * 7,
                autosummarize=True,
                pages_per_range=32,
                name="audit_by_value",
            ),
        ),
    ]
