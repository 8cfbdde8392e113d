"""What vendors' applications sign their requests with. In `public`: a vendor sees its own rows, a tenant none.

The secrets lie sealed; whoever judges a request reads them in platform scope and opens them in memory (memory.py of the plane).
"""

from __future__ import annotations

from django.db import models

from cloudlicenses.sealing.fields import SealedField


class SignedProduct(models.Model):
    """Whether a product's applications have to sign. A product without a row needn't."""

    product_id = models.CharField(primary_key=True, max_length=100)
    vendor_id = models.CharField(max_length=40, db_index=True)
    is_required = models.BooleanField(default=False)


class ProductSecret(models.Model):
    """A secret that is built into a product's applications. Shown once; at most two of a product are valid at a time."""

    id = models.CharField(primary_key=True, max_length=16)  # a digest of the secret: its key id
    product = models.ForeignKey(SignedProduct, on_delete=models.PROTECT, related_name="secrets")
    vendor_id = models.CharField(max_length=40, db_index=True)
    sealed_secret = SealedField(vendor="vendor_id")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
