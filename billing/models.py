"""The ledger and what follows from it. All in `public`: bills survive their tenant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class UsageRecord(models.Model):
    """One billable fact, written in the transaction that makes it true, never changed (no role may UPDATE or DELETE).

    `entry` is the lease's id, or `fee-{license}-{YYYY-MM}` for a month's commit fee; with `at` it is unique, so nothing is
    billed twice. No personal data. The table is partitioned by month of `at` (migration 0002).
    """

    class Kind(models.TextChoices):
        COMMIT = "commit"
        OVERAGE = "overage"
        COMMIT_FEE = "commit_fee"

    entry = models.CharField(max_length=160, primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    tenant_id = models.CharField(max_length=40)
    vendor_id = models.CharField(max_length=40)
    license_id = models.CharField(max_length=120)
    product_id = models.CharField(max_length=100)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta:
        managed = False  # partitioned: migration 0002 creates it
        db_table = "billing_usagerecord"


class MonthlyStatement(models.Model):
    """What one vendor bills one customer for one product in one month: the ledger rolled up when the month was closed."""

    month = models.DateField()  # its first day
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    product_id = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    license_ids = ArrayField(models.CharField(max_length=120))
    overage_checkouts = models.PositiveIntegerField()
    overage_cost = models.DecimalField(max_digits=14, decimal_places=2)
    commit_fee = models.DecimalField(max_digits=14, decimal_places=2)
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "vendor_id", "tenant_id", "product_id", "currency"], name="one_statement")
        ]


class Invoice(models.Model):
    """What was sent to the vendor's billing system for one customer and month. A changed month makes a new revision."""

    id = models.CharField(primary_key=True, max_length=40)
    month = models.DateField()
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    crm_account_id = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    revision = models.PositiveIntegerField(default=1)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    body = models.JSONField()  # exactly what the webhook says
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "vendor_id", "crm_account_id", "currency", "revision"], name="one_invoice_a_revision"
            )
        ]


class WebhookEndpoint(models.Model):
    """Where a vendor wants to hear of things. The signing secret is sealed."""

    id = models.CharField(primary_key=True, max_length=40)
    vendor_id = models.CharField(max_length=40, db_index=True)
    url = models.URLField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    sealed_secret = models.BinaryField()
    authorization = models.BinaryField(null=True)  # sealed; sent as `Authorization: Bearer …` when the vendor wants one
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class WebhookDelivery(models.Model):
    """One message to one endpoint, with what became of it. Claimed by conditional UPDATE, retried for three days."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=40)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    vendor_id = models.CharField(max_length=40, db_index=True)
    message_id = models.CharField(max_length=60)  # webhook-id: the same over all retries and redeliveries
    event = models.CharField(max_length=60)
    body = models.JSONField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    first_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_problem = models.CharField(max_length=500, blank=True)
    log = models.JSONField(default=list)  # of each try: when, status, duration, problem, start of the answer
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(status="pending"), name="due_deliveries")]
        constraints = [models.UniqueConstraint(fields=["endpoint", "message_id"], name="one_delivery_a_message")]
