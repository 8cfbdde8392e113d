"""What still has to be announced, of all tenants, in one table of `public`: "what is due?" is one query.

A row points at its audit entry and carries no personal data but what a mail server says in `last_problem`. `Delivered` remembers
which listeners already heard of it.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class OutboxEntry(models.Model):
    event = models.CharField(max_length=60)
    tenant_id = models.CharField(max_length=40, blank=True)  # empty: the entry is in `public`
    vendor_id = models.CharField(max_length=40, blank=True)
    entry_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    last_problem = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        db_table = "audit_outbox"
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(done_at=None), name="due_outbox")]


class Delivered(models.Model):
    """This listener has heard of this entry."""

    entry = models.ForeignKey(OutboxEntry, on_delete=models.CASCADE, related_name="delivered")
    listener = models.CharField(max_length=100)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_delivered"
        constraints = [models.UniqueConstraint(fields=["entry", "listener"], name="heard_once")]
