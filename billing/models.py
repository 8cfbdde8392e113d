"""The ledger and what follows from it. All in `public`: bills survive their tenant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from cloudlicenses.sealing.fields import SealedField


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
    seats = models.PositiveIntegerField(
        default=1, db_default=1
    )  # 1 for a checkout; what a commit fee pays for: commit_qty

    class Meta:
        managed = False  # partitioned: migration 0002 creates it
        db_table = "billing_usagerecord"


class ClosedMonth(models.Model):
    """A month that was closed at least once; its row is the lock of closing."""

    month = models.DateField(primary_key=True)  # its first day
    closed_at = models.DateTimeField(null=True)
    is_final = models.BooleanField(default=False)  # closed when it had been over for a while (rollup.GRACE)


class StatementLine(models.Model):
    """The ledger rolled up when the month was closed: facts of one license, kind and unit price, counted and summed."""

    month = models.DateField()
    license_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=UsageRecord.Kind.choices)
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    product_id = models.CharField(max_length=100)
    quantity = models.PositiveBigIntegerField()
    seats = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "license_id", "kind", "unit_price", "currency"], name="one_statement_line"
            )
        ]
        indexes = [models.Index(fields=["vendor_id", "month"]), models.Index(fields=["tenant_id", "month"])]


class VendorMonth(models.Model):
    """A vendor's statement lines of one month in one currency, added up whenever they are written (rollup.py), for its charts."""

    pk = models.CompositePrimaryKey("vendor_id", "month", "currency")
    vendor_id = models.CharField(max_length=40)
    month = models.DateField()
    currency = models.CharField(max_length=3)
    commit_checkouts = models.PositiveBigIntegerField()
    overage_checkouts = models.PositiveBigIntegerField()
    overage_cost = models.DecimalField(max_digits=16, decimal_places=2)
    commit_fee = models.DecimalField(max_digits=16, decimal_places=2)


class SealedCharges(models.Model):
    """Charges that one customer had of one vendor in one month, sealed together: leaves of that month's tree, and its signed head.

    Only ever added. The tree's leaves are those of all its rows, by `first`; `peaks` is what the next row goes on from.
    """

    month = models.DateField()
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    are_fees = models.BooleanField()  # a commit fee is written for its month whenever it falls due
    first = models.BigIntegerField()
    size = models.BigIntegerField()
    entries = ArrayField(models.CharField(max_length=160))
    hashes = models.BinaryField()
    peaks = models.BinaryField()
    root = models.BinaryField()
    at = models.DateTimeField()
    kid = models.CharField(max_length=64)
    signature = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "vendor_id", "tenant_id", "first"], name="one_leaf_a_charge"),
        ]
        indexes = [
            models.Index(fields=["month", "vendor_id", "tenant_id", "-size"], name="newest_sealed_charges"),
            models.Index(
                fields=["month", "vendor_id", "tenant_id"], condition=models.Q(are_fees=True), name="sealed_fees"
            ),
        ]


class ChargeSealing(models.Model):
    """Up to when a month's charges are sealed; its row is the lock of sealing them."""

    month = models.DateField(primary_key=True)
    until = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)  # compared with what the closed month was found to hold


class Invoice(models.Model):
    """What was sent to the vendor's billing system for one customer and month. A changed month makes a new revision."""

    id = models.CharField(primary_key=True, max_length=40)
    month = models.DateField()
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    crm_account_id = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    revision = models.PositiveIntegerField(default=1)
    total = models.DecimalField(max_digits=16, decimal_places=2)
    body = models.TextField()  # JSON, to the byte what the webhook says
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "vendor_id", "crm_account_id", "currency", "revision"], name="one_invoice_a_revision"
            )
        ]


class WebhookEndpoint(models.Model):
    """Where a vendor wants to hear of things. Secrets are sealed; the former one signs too, for a day after a rotation."""

    id = models.CharField(primary_key=True, max_length=40)
    vendor_id = models.CharField(max_length=40, db_index=True)
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    sealed_secret = SealedField(vendor="vendor_id")
    sealed_former_secret = SealedField(vendor="vendor_id", null=True)
    former_secret_until = models.DateTimeField(null=True)
    # Sent as `Authorization: Bearer …` when the vendor wants one.
    authorization = SealedField(vendor="vendor_id", null=True)
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
    body = models.TextField()  # to the byte what is signed and sent
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)  # a worker is at it; when that is past, the worker died
    first_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_problem = models.CharField(max_length=500, blank=True)
    log = models.JSONField(default=list)  # of each try: at, status, duration_ms, problem, start of the answer
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(status="pending"), name="due_deliveries"),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="newest_deliveries"),
            models.Index(
                fields=["endpoint", "-created_at", "-id"], condition=models.Q(status="failed"), name="failed_deliveries"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["endpoint", "message_id"], name="one_delivery_a_message")]
