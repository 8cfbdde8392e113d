"""Keys: what applications and vendors' systems sign in with, and what we sign with.

The same tables stand in `public` (vendors', told apart by `owner`) and in each tenant's schema (`owner` is the tenant's id).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from cloudlicenses.sealing.fields import SealedField


class ApiKey(models.Model):
    """`clsk_{tenant}_…` or `clvk_{vendor}_…`. The key is shown once; here is its HMAC and what restricts it."""

    id = models.CharField(primary_key=True, max_length=40)
    owner = models.CharField(max_length=40, db_index=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)  # its last characters, to tell keys apart
    app_name = models.CharField(max_length=100)
    app_type = models.CharField(max_length=20, default="desktop")
    scopes = ArrayField(models.CharField(max_length=40))
    allowed_hostnames = ArrayField(models.CharField(max_length=253), default=list)
    allowed_ip_ranges = ArrayField(models.CharField(max_length=43), default=list)
    allowed_products = ArrayField(models.CharField(max_length=100), default=list)
    require_mtls = models.BooleanField(default=False)
    client_cert_cn = models.CharField(max_length=253, blank=True)
    client_cert_names = ArrayField(
        models.TextField(), default=list, db_default=[]
    )  # any of them, see certificates.names
    require_device = models.BooleanField(default=False, db_default=False)  # every request signed by a registered device
    checkouts_per_minute = models.PositiveIntegerField(null=True)  # null: the plan's
    requests_per_hour = models.PositiveIntegerField(null=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254, blank=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    replaced_by = models.CharField(max_length=40, blank=True)  # rotated: works until expires_at

    class Meta:
        ordering = ["-created_at", "id"]


class SigningKey(models.Model):
    """A private key of ours, sealed, with its public half. The newest of an algorithm signs; all of them verify."""

    kid = models.CharField(primary_key=True, max_length=64)
    owner = models.CharField(max_length=40, db_index=True)
    algorithm = models.CharField(max_length=20)  # EdDSA or ML-DSA-65
    public_key = models.BinaryField()
    sealed_private_key = SealedField(vendor="owner")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "algorithm"], condition=models.Q(retired_at=None), name="one_signing_key_at_a_time"
            )
        ]
