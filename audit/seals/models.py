"""What is to be sealed next, and up to where: of all tenants in tables of `public`, so that "what is due?" is one query.

`source` says whose schema holds the entries: a tenant's id, or nothing for `public` itself.
"""

from __future__ import annotations

from django.db import models


class SealDue(models.Model):
    """When somebody should look for entries to seal. Whoever writes an entry may bring it forward (audit/events.py)."""

    source = models.CharField(max_length=40, primary_key=True)
    due_at = models.DateTimeField(db_index=True)
    idle_looks = models.PositiveSmallIntegerField(default=0, db_default=0)  # in a row, that found nothing
    failing_since = models.DateTimeField(null=True)  # it can't be sealed, and is tried again each minute
    misdated_at = models.DateTimeField(null=True)  # when the sealer last found an entry that didn't come when it says

    class Meta:
        db_table = "audit_sealdue"
        indexes = [
            models.Index(
                fields=["failing_since"], condition=models.Q(failing_since__isnull=False), name="logs_due_and_failing"
            ),
            models.Index(
                fields=["misdated_at"], condition=models.Q(misdated_at__isnull=False), name="logs_due_to_look_into"
            ),
        ]


class SealedUpTo(models.Model):
    """All entries up to this one are sealed, but `gaps`: `[first, last, transaction, seconds]` of numbers that were missing.

    A number is drawn before its transaction commits, so one that is missing may still come (audit/positions.py).
    """

    source = models.CharField(max_length=40, primary_key=True)
    entry_id = models.BigIntegerField(default=0)
    gaps = models.JSONField(default=list)

    class Meta:
        db_table = "audit_sealedupto"
