"""Certificate authorities of a tenant, and the certificates that ours has issued. In each tenant's schema only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cloudlicenses.sealing.fields import SealedField


class Authority(models.Model):
    """Ours, made for this tenant, whose key we hold sealed; or the tenant's own, uploaded. Trusted until it is removed."""

    id = models.CharField(primary_key=True, max_length=40)
    subject = models.CharField(max_length=1000)  # RFC 4514
    certificate = models.BinaryField()  # DER
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the DER, hex
    serial = models.TextField()  # hex; others' may be longer than RFC 5280 allows
    is_ours = models.BooleanField()
    sealed_private_key = SealedField(null=True)  # ours alone
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254, blank=True)
    retired_at = models.DateTimeField(null=True)  # ours: a newer one issues; what this one issued still counts
    removed_at = models.DateTimeField(null=True)
    revoked_serials = ArrayField(models.TextField(), default=list)  # the tenant's own: by its latest CRL
    crl_issued_at = models.DateTimeField(null=True)
    crl_due_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_ours"],
                condition=Q(is_ours=True, retired_at=None, removed_at=None),
                name="one_authority_issues",
            ),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=Q(removed_at=None), name="an_authority_is_trusted_once"
            ),
        ]


class Certificate(models.Model):
    """A client certificate that our authority has issued. Its private key never was here."""

    id = models.CharField(primary_key=True, max_length=40)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="certificates")
    serial = models.CharField(max_length=40)  # hex
    fingerprint = models.CharField(max_length=64)
    common_name = models.CharField(max_length=64, blank=True)
    names = ArrayField(
        models.CharField(max_length=2060)
    )  # as certificates.names writes them: "DNS:…", "email:…", "URI:…"
    key_type = models.CharField(max_length=20)
    pem = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["authority", "serial"], name="a_serial_is_used_once")]
