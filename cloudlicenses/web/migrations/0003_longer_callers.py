from django.db import migrations, models


class Migration(migrations.Migration):
    """A vendor's id of forty characters and the id of its key are seventy-two together."""

    dependencies = [
        ("web", "0002_sealed_by_data_keys"),
    ]

    operations = [
        migrations.AlterField(
            model_name="idempotentanswer",
            name="caller",
            field=models.CharField(max_length=128),
        ),
    ]
