"""Vendors and what they sell. All in `public`; row-level security shows a vendor its own rows only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Vendor(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.CharField(primary_key=True, max_length=40)  # vector-de
    name = models.CharField(max_length=255)
    email = models.EmailField(max_length=254)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    auto_provisioning = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    support_email = models.EmailField(
        max_length=254, blank=True, default="", db_default=""
    )  # whom customers may write to
    brand_color = models.CharField(max_length=7, blank=True, default="", db_default="")  # #rrggbb
    logo_digest = models.CharField(
        max_length=64, blank=True, default="", db_default=""
    )  # of the logo's file; empty: none


class Logo(models.Model):
    """A vendor's logo, as we painted it anew (logos.py); for everybody to see."""

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, primary_key=True, related_name="logo")
    png = models.BinaryField()


class Product(models.Model):
    """What a vendor licenses. Ids are unique on the platform: applications ask for them without naming a vendor."""

    id = models.CharField(primary_key=True, max_length=100)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=255)
    version_constraint = models.CharField(max_length=100, blank=True)  # PEP 440: ">=8.0.0"
    features = ArrayField(models.CharField(max_length=100), default=list)
    created_at = models.DateTimeField()


class CrmAccount(models.Model):
    """The vendor's own id for a customer; links the vendor to a tenant, once there is one."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="accounts")
    crm_account_id = models.CharField(max_length=100)
    customer_name = models.CharField(max_length=255)
    tenant_id = models.CharField(max_length=40, db_index=True)
    contact_email = models.EmailField(max_length=254, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "crm_account_id"], name="one_account_a_crm_id")]
        indexes = [models.Index(fields=["vendor", "customer_name", "id"], name="accounts_by_name")]


class IssuedLicense(models.Model):
    """A licence as its vendor sold it. What the tenant got of it is a snapshot in the tenant's own schema (licensing)."""

    class Status(models.TextChoices):
        GENERATED = "generated"
        PENDING_CUSTOMER = "pending_customer"
        PROVISIONED = "provisioned"
        SUSPENDED = "suspended"
        REVOKED = "revoked"
        EXPIRED = "expired"

    id = models.CharField(primary_key=True, max_length=120)  # lic-vector-mercedes-2025-001
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="licenses")
    account = models.ForeignKey(CrmAccount, on_delete=models.PROTECT, related_name="licenses")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="licenses")
    tenant_id = models.CharField(max_length=40, db_index=True)
    crm_opportunity_id = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)  # of the generate request: same opportunity, same content?
    version_constraint = models.CharField(max_length=100, blank=True)
    features = ArrayField(models.CharField(max_length=100), default=list)
    total_licenses = models.PositiveIntegerField()
    commit_qty = models.PositiveIntegerField()
    max_overage = models.PositiveIntegerField()
    commit_fee_monthly = models.DecimalField(max_digits=12, decimal_places=2)
    overage_per_use = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    start_date = models.DateField()
    end_date = models.DateField()  # the last day of the present term
    first_end_date = models.DateField(null=True)  # of the first term, whose length renewals add; null: never renewed
    auto_renew = models.BooleanField(default=False)
    billing_cycle = models.CharField(max_length=20, default="monthly")
    status = models.CharField(max_length=20, choices=Status.choices)
    package = models.TextField()  # compact JWS
    created_at = models.DateTimeField()
    provisioned_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)  # no commit fee is due for months that begin after it
    revision = models.PositiveIntegerField(default=1)  # grows with every amendment

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "crm_opportunity_id"], name="one_license_an_opportunity"),
            models.CheckConstraint(
                condition=models.Q(commit_qty__lte=models.F("total_licenses"))
                & models.Q(total_licenses__gte=models.F("commit_qty") + models.F("max_overage")),
                name="quantities_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id"], condition=models.Q(status="pending_customer"), name="awaiting_customer"),
            models.Index(fields=["vendor", "-created_at", "id"], name="newest_licenses"),
            models.Index(
                fields=["vendor", "end_date", "id"], condition=models.Q(auto_renew=False), name="ending_licenses"
            ),
            models.Index(fields=["vendor", "status"], name="licenses_by_status"),
        ]


class UsageHour(models.Model):
    """One license in one hour, UTC, projected out of its tenant's schema (projection.py). Numbers only, nothing of persons."""

    pk = models.CompositePrimaryKey("license_id", "hour")
    license_id = models.CharField(max_length=120)
    hour = models.DateTimeField()
    tenant_id = models.CharField(max_length=40)
    vendor_id = models.CharField(max_length=40)
    product_id = models.CharField(max_length=100)
    in_use = models.PositiveIntegerField()  # at the hour's end, or when last looked at
    peak = models.PositiveIntegerField()  # the most seats at once
    peak_overage = models.PositiveIntegerField()
    seat_seconds = models.PositiveBigIntegerField()  # each seat for as long as it was in use
    checkouts = models.PositiveIntegerField()
    overage_checkouts = models.PositiveIntegerField()
    denials = models.PositiveIntegerField()
    seat_denials = models.PositiveIntegerField()  # for want of seats sold, not by the customer's own limits

    class Meta:
        indexes = [
            models.Index(  # a vendor's charts read nothing but this
                fields=["vendor_id", "hour"],
                include=[
                    "license_id",
                    "tenant_id",
                    "product_id",
                    "in_use",
                    "peak",
                    "peak_overage",
                    "seat_seconds",
                    "checkouts",
                    "overage_checkouts",
                    "denials",
                    "seat_denials",
                ],
                name="hours_of_a_vendor",
            ),
            models.Index(  # a customer's own charts of some of its licenses read nothing but this
                fields=["tenant_id", "hour"],
                include=["license_id", "peak", "peak_overage", "seat_seconds", "checkouts", "denials"],
                name="hours_of_a_tenant",
            ),
        ]


class TenantHour(models.Model):
    """All of a tenant's licenses in one hour: its `UsageHour`s, summed when they are written, for charts of everything it has.

    `peak` is the sum of each license's own most: at most a little more than was ever in use at one instant.
    """

    pk = models.CompositePrimaryKey("tenant_id", "hour")
    tenant_id = models.CharField(max_length=40)
    hour = models.DateTimeField()
    peak = models.PositiveIntegerField()
    peak_overage = models.PositiveIntegerField()
    seat_seconds = models.PositiveBigIntegerField()
    checkouts = models.PositiveIntegerField()
    denials = models.PositiveIntegerField()


class VendorHour(models.Model):
    """What a vendor sold, in one hour: its `UsageHour`s, added up as they are written (summing.py), for its charts.

    Of everything, of one customer (`tenant_id`) or of one product; what is empty stands for all.
    """

    pk = models.CompositePrimaryKey("vendor_id", "tenant_id", "product_id", "hour")
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    product_id = models.CharField(max_length=100)
    hour = models.DateTimeField()
    peak = models.PositiveIntegerField()  # the sum of each license's own most
    seat_seconds = models.PositiveBigIntegerField()
    checkouts = models.PositiveIntegerField()
    overage_checkouts = models.PositiveIntegerField()
    denials = models.PositiveIntegerField()


class LicenseWeek(models.Model):
    """One license in one week that begins on a Monday, UTC: its `UsageHour`s, added up as they are written (summing.py)."""

    pk = models.CompositePrimaryKey("license_id", "week")
    license_id = models.CharField(max_length=120)
    week = models.DateTimeField()
    vendor_id = models.CharField(max_length=40)
    tenant_id = models.CharField(max_length=40)
    product_id = models.CharField(max_length=100)
    peak = models.PositiveIntegerField()  # of any hour
    peak_overage = models.PositiveIntegerField()
    seat_seconds = models.PositiveBigIntegerField()
    checkouts = models.PositiveIntegerField()
    overage_checkouts = models.PositiveIntegerField()
    denials = models.PositiveIntegerField()
    seat_denials = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["vendor_id", "week"], name="weeks_of_a_vendor")]


class UsageWatermark(models.Model):
    """Until when a tenant's usage has been projected; its row is the lock of projecting."""

    tenant_id = models.CharField(primary_key=True, max_length=40)
    until = models.DateTimeField(null=True, db_index=True)  # null: from the first use on
