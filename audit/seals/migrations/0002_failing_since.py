from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seals", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="sealdue",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="sealdue",
            index=models.Index(
                condition=models.Q(("failing_since__isnull", False)),
                fields=["failing_since"],
                name="logs_due_and_failing",
            ),
        ),
    ]
