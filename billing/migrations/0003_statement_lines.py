"""Statement lines instead of statements by product, bodies kept to the byte, and how many seats a commit fee pays for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_ledger"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE billing_usagerecord ADD COLUMN seats integer NOT NULL DEFAULT 1 CHECK (seats >= 0)",
            "ALTER TABLE billing_usagerecord DROP COLUMN seats",
        ),
        migrations.CreateModel(
            name="ClosedMonth",
            fields=[
                ("month", models.DateField(primary_key=True, serialize=False)),
                ("closed_at", models.DateTimeField(null=True)),
                ("is_final", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("license_id", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("commit", "Commit"), ("overage", "Overage"), ("commit_fee", "Commit Fee")],
                        max_length=12,
                    ),
                ),
                ("unit_price", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("vendor_id", models.CharField(max_length=40)),
                ("tenant_id", models.CharField(max_length=40)),
                ("product_id", models.CharField(max_length=100)),
                ("quantity", models.PositiveBigIntegerField()),
                ("seats", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
            ],
        ),
        migrations.DeleteModel(
            name="MonthlyStatement",
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="former_secret_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="sealed_former_secret",
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="body",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="total",
            field=models.DecimalField(decimal_places=2, max_digits=16),
        ),
        migrations.AlterField(
            model_name="webhookdelivery",
            name="body",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="url",
            field=models.CharField(max_length=500),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["vendor_id", "month"], name="billing_sta_vendor__a6c1e8_idx"),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["tenant_id", "month"], name="billing_sta_tenant__15a7da_idx"),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(
                fields=("month", "license_id", "kind", "unit_price", "currency"), name="one_statement_line"
            ),
        ),
    ]
