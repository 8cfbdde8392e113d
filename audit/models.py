"""The audit log. The same table stands in `public` (operators and vendors) and in each tenant's schema.

Rows are only ever added: no role that serves requests may UPDATE or DELETE them (tenants/grants.py).
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One act: who, what, on what, from where, with which key, with what result."""

    event = models.CharField(max_length=60)  # noun.past_participle
    at = models.DateTimeField(db_default=Now())
    result = models.CharField(max_length=10, default="success")  # or "refused"
    code = models.CharField(max_length=60, blank=True)  # of the refusal
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=254, blank=True)
    actor_label = models.CharField(max_length=254, blank=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=254, blank=True)
    vendor_id = models.CharField(max_length=40, blank=True)  # in `public`: the vendor concerned
    key_id = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True)
    hostname = models.CharField(max_length=253, blank=True)
    fingerprint = models.CharField(max_length=128, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    facts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["subject_kind", "subject_id", "id"]),
            # Searched by whole values (ADR 0015): next to nothing to write, and only the pages that may hold one are read.
            BrinIndex(
                fields=["event", "code", "actor_id", "actor_label", "subject_id", "key_id", "hostname"],
                opclasses=["text_bloom_ops"] * 7,
                autosummarize=True,
                pages_per_range=32,
                name="audit_by_value",
            ),
        ]
