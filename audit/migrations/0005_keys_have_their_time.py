from django.db import migrations, models

RETIRE = """
    UPDATE audit_logkey former SET retired_at = next.at
      FROM (SELECT kid, lead(created_at) OVER (PARTITION BY log ORDER BY created_at, kid DESC) AS at FROM audit_logkey) next
     WHERE former.kid = next.kid AND next.at IS NOT NULL
"""


class Migration(migrations.Migration):
    contracts = (
        "code of before adds a log's first key alone; where two do so at once, the second is refused and tried again"
    )

    dependencies = [
        ("audit", "0004_found_by_vendor"),
    ]

    operations = [
        migrations.AddField("logkey", "retired_at", models.DateTimeField(null=True)),
        migrations.AddField("treehead", "newest_at", models.DateTimeField(null=True)),
        migrations.AddField("treeleaf", "misdated", models.CharField(blank=True, db_default="", max_length=10)),
        migrations.RunSQL(RETIRE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "logkey",
            models.UniqueConstraint(
                condition=models.Q(("retired_at", None)), fields=("log",), name="one_log_key_at_a_time"
            ),
        ),
    ]
