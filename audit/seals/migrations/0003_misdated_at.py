from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seals", "0002_failing_since"),
    ]

    operations = [
        migrations.AddField("sealdue", "misdated_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "sealdue",
            models.Index(
                condition=models.Q(("misdated_at__isnull", False)), fields=["misdated_at"], name="logs_due_to_look_into"
            ),
        ),
    ]
