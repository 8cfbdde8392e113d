"""Answers kept for repeated requests; one table in `public`, one in each tenant's schema."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from cloudlicenses.sealing.fields import SealedField


class IdempotentAnswer(models.Model):
    """What was answered to a request with an `Idempotency-Key`. Bodies may hold secrets shown once, so they are sealed."""

    caller = models.CharField(max_length=128)  # the key or person that asked; a digest for strangers
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # null: the first request is still at work
    body = SealedField(vendor="vendor_id", row="place", null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["created_at"])]

    @property
    def vendor_id(self) -> str:
        """Whose systems asked, if they were a vendor's: `vendor:{id}:…`."""
        kind, _, rest = self.caller.partition(":")
        return rest.partition(":")[0] if kind == "vendor" else ""

    @property
    def place(self) -> str:
        return f"{self.caller}/{self.key}"
