"""Licences as granted to this tenant, seats in use, and refusals. All in the tenant's schema.

The terms are a snapshot: nothing here points into another schema. `commit_in_use` and `overage_in_use` are kept by the seat rule
(licensing/sql) under the row's lock; nothing else writes them. One check guards them: PostgreSQL reads a table's checks anew for
each statement that writes to it, so every other check would be paid by every checkout.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class License(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        REVOKED = "revoked"

    id = models.CharField(primary_key=True, max_length=120)
    vendor_id = models.CharField(max_length=40)
    vendor_name = models.CharField(max_length=255)
    product_id = models.CharField(max_length=100, db_index=True)
    product_name = models.CharField(max_length=255)
    version_constraint = models.CharField(max_length=100, blank=True)
    features = ArrayField(models.CharField(max_length=100), default=list)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    total_licenses = models.IntegerField()
    commit_qty = models.IntegerField()
    max_overage = models.IntegerField()
    commit_fee_monthly = models.DecimalField(max_digits=12, decimal_places=2)
    overage_per_use = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # first instant at which it is over
    auto_renew = models.BooleanField(default=False)
    cap_in_use = models.IntegerField(null=True)  # the customer's own, below what the vendor sold
    cap_overage = models.IntegerField(null=True)
    monthly_budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    commit_in_use = models.IntegerField(default=0)
    overage_in_use = models.IntegerField(default=0)
    spent_month = models.DateField(null=True)  # first day of the month that `spent` counts
    spent = models.DecimalField(max_digits=16, decimal_places=2, default=0)  # room for a million of the dearest seats
    package = models.TextField()
    provisioned_at = models.DateTimeField()
    revision = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(commit_in_use__gte=0, overage_in_use__gte=0), name="no_negative_seats"
            ),
        ]


class Lease(models.Model):
    """One seat in use, until `ended_at`. `expires_at` moves with heartbeats.

    Every checkout and return pays for each index, check and foreign key here: there are only those that a query needs. The seat
    rule takes `license` from the license's locked row, which is never deleted.
    """

    id = models.CharField(primary_key=True, max_length=40)
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="leases", db_constraint=False, db_index=False
    )
    lease_type = models.CharField(max_length=10)  # commit or overage
    cost = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    user = models.CharField(max_length=254)
    hostname = models.CharField(max_length=253, blank=True)
    key_id = models.CharField(max_length=40)
    ip = models.GenericIPAddressField(null=True)
    fingerprint = models.CharField(max_length=128, blank=True)
    version = models.CharField(max_length=64, blank=True)
    features = ArrayField(models.CharField(max_length=100), default=list)
    ttl_seconds = models.IntegerField()  # what a heartbeat adds
    is_offline = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=20, blank=True)  # returned, expired, taken_back, revoked
    usage_metadata = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["license", "expires_at"], condition=models.Q(ended_at=None), name="lapsing_leases"),
            models.Index(fields=["issued_at"]),
            models.Index(fields=["license", "issued_at"], name="leases_of_a_license"),
            BrinIndex(fields=["ended_at"], autosummarize=True, name="ended_leases"),  # costs a checkout nothing
        ]


class Denial(models.Model):
    """A checkout refused, with its reason; kept, because it is what a customer buys more seats on."""

    product_id = models.CharField(max_length=100)
    license_id = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60)
    user = models.CharField(max_length=254)
    hostname = models.CharField(max_length=253, blank=True)
    key_id = models.CharField(max_length=40)
    at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"]), models.Index(fields=["product_id", "at"])]


class UsageEvent(models.Model):
    """A use of a feature that an application reports (`POST /api/v1/usage/track`)."""

    id = models.CharField(primary_key=True, max_length=40)
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="usage_events")
    feature = models.CharField(max_length=100)
    action = models.CharField(max_length=100)
    quantity = models.PositiveBigIntegerField()
    key_id = models.CharField(max_length=40)
    metadata = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["feature", "at"])]
