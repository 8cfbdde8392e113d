"""Applications and devices as a tenant knows them. All in the tenant's schema."""

from __future__ import annotations

from django.db import models

NO_PRODUCT = ""  # of fingerprints that came with requests which name none, and so reach all


class ProductGuard(models.Model):
    """How a product's applications are looked at here. A product without a row is observed."""

    class Mode(models.TextChoices):
        OBSERVE = "observe"  # whatever comes is learned
        ALERT = "alert"  # what is new is let in, and told of
        BLOCK = "block"  # what is new is refused

    product_id = models.CharField(primary_key=True, max_length=100)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.OBSERVE)
    revision = models.PositiveIntegerField(default=0)  # grows whenever somebody decides about one of its fingerprints


class Fingerprint(models.Model):
    """One installation of an application, as it says of itself; empty for those that say nothing."""

    class State(models.TextChoices):
        LEARNED = "learned"  # came while everything was observed
        KNOWN = "known"  # somebody approved it
        UNKNOWN = "unknown"  # came later, and nobody has looked yet
        BLOCKED = "blocked"

    id = models.CharField(primary_key=True, max_length=40)
    product_id = models.CharField(max_length=100)  # or NO_PRODUCT
    value = models.CharField(max_length=128, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    lib_version = models.CharField(max_length=64, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    user = models.CharField(max_length=254, blank=True)  # of the last time, as the rest
    hostname = models.CharField(max_length=253, blank=True)
    ip = models.GenericIPAddressField(null=True)
    key_id = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)

    class Meta:
        ordering = ["-last_seen_at", "id"]
        constraints = [models.UniqueConstraint(fields=["product_id", "value"], name="one_fingerprint_a_product")]
        indexes = [
            models.Index(fields=["last_seen_at"]),
            models.Index(fields=["product_id"], condition=models.Q(state="blocked"), name="blocked_fingerprints"),
        ]


class Device(models.Model):
    """A workstation's public key: whatever is signed with the private half comes from there."""

    class State(models.TextChoices):
        PENDING = "pending"  # waits for an administrator
        ACTIVE = "active"
        REVOKED = "revoked"

    id = models.CharField(primary_key=True, max_length=40)
    thumbprint = models.CharField(max_length=43, unique=True)  # its key id in signatures
    algorithm = models.CharField(max_length=10)
    public_key = models.BinaryField()  # SubjectPublicKeyInfo
    name = models.CharField(max_length=100)
    hostname = models.CharField(max_length=253, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    key_id = models.CharField(max_length=40, blank=True)  # the only API key it may be used with; empty: any
    registered_with = models.CharField(max_length=40, blank=True)  # which API key
    ip = models.GenericIPAddressField(null=True)  # where it was registered from
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]


class DevicePolicy(models.Model):
    """One row at most; without it an administrator approves each device."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    approves_by_itself = models.BooleanField(default=False)
