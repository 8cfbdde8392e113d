"""Requests to be forgotten, of all tenants, in one table of `public`: "what is to be done?" is one query."""

from __future__ import annotations

from django.db import models

from cloudlicenses.sealing.fields import SealedField


class Erasure(models.Model):
    """That somebody is to be forgotten, and that it was done. Who it was it forgets itself, then."""

    id = models.CharField(primary_key=True, max_length=40)
    tenant_id = models.CharField(max_length=40, blank=True)  # neither this nor a vendor: the platform's
    vendor_id = models.CharField(max_length=40, blank=True)
    sealed_person = SealedField(null=True)  # JSON, see asking.py; null once it is done
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=254)
    next_try_at = models.DateTimeField(null=True)  # null: done
    done_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField(default=0, db_default=0)  # of the audit log, that named them
    rows = models.PositiveIntegerField(default=0, db_default=0)  # of everything else
    changed = models.PositiveIntegerField(
        default=0, db_default=0
    )  # entries left, since they were not as they were sealed

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(done_at=None), name="due_erasures"),
            models.Index(fields=["tenant_id", "vendor_id", "asked_at"], name="erasures_of_an_owner"),
        ]
