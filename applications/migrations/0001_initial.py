"""Fingerprints of applications and devices, as a tenant knows them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("thumbprint", models.CharField(max_length=43, unique=True)),
                ("algorithm", models.CharField(max_length=10)),
                ("public_key", models.BinaryField()),
                ("name", models.CharField(max_length=100)),
                ("hostname", models.CharField(blank=True, max_length=253)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("active", "Active"), ("revoked", "Revoked")], max_length=10
                    ),
                ),
                ("key_id", models.CharField(blank=True, max_length=40)),
                ("registered_with", models.CharField(blank=True, max_length=40)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("created_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=254)),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DevicePolicy",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("approves_by_itself", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="ProductGuard",
            fields=[
                ("product_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                (
                    "mode",
                    models.CharField(
                        choices=[("observe", "Observe"), ("alert", "Alert"), ("block", "Block")],
                        default="observe",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("product_id", models.CharField(max_length=100)),
                ("value", models.CharField(blank=True, max_length=128)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("learned", "Learned"),
                            ("known", "Known"),
                            ("unknown", "Unknown"),
                            ("blocked", "Blocked"),
                        ],
                        max_length=10,
                    ),
                ),
                ("lib_version", models.CharField(blank=True, max_length=64)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("user", models.CharField(blank=True, max_length=254)),
                ("hostname", models.CharField(blank=True, max_length=253)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("key_id", models.CharField(blank=True, max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "ordering": ["-last_seen_at", "id"],
                "indexes": [
                    models.Index(fields=["last_seen_at"], name="application_last_se_4bcd1c_idx"),
                    models.Index(
                        condition=models.Q(("state", "blocked")), fields=["product_id"], name="blocked_fingerprints"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("product_id", "value"), name="one_fingerprint_a_product")
                ],
            },
        ),
    ]
