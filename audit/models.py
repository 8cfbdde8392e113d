"""The audit log, and the trees it is sealed into. The same tables stand in `public` (operators, vendors) and in each tenant's
schema.

Entries, leaves, nodes and heads are only ever added: no role that serves requests may UPDATE or DELETE them
(tenants/grants.py). A log has a name: `tenant/mercedes` in that tenant's schema; `platform` and `vendor/vector-de` in `public`.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from cloudlicenses.sealing.fields import SealedField


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


class TreeLeaf(models.Model):
    """An entry's place in the tree of its log, given when it is sealed (audit/sealing.py).

    The hash is of what audit/leaves.py says of the entry, in which what is personal stands behind `salt`: when that part of an
    entry is erased, the salt goes and `erased` keeps the commitment, and the tree stays good.
    """

    pk = models.CompositePrimaryKey("log", "index")
    log = models.CharField(max_length=60)
    index = models.BigIntegerField()
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()
    salt = models.BinaryField(null=True)
    erased = models.BinaryField(null=True)
    misdated = models.CharField(max_length=10, blank=True, db_default="")  # backdated or postdated: see audit/dating.py


class TreeNode(models.Model):
    """The hash of a full subtree of 256, 65,536, … leaves (`level` 8, 16, …): so a proof reads some hundred rows of any tree."""

    pk = models.CompositePrimaryKey("log", "level", "index")
    log = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()


class TreeHead(models.Model):
    """What a log said of itself at a time: so many entries, with this root. Signed."""

    pk = models.CompositePrimaryKey("log", "size")
    log = models.CharField(max_length=60)
    size = models.BigIntegerField()
    root = models.BinaryField()
    at = models.DateTimeField()
    kid = models.CharField(max_length=64)
    signature = models.BinaryField()
    newest_at = models.DateTimeField(
        null=True
    )  # of all its entries but those that are postdated; null: sealed before it was noted


class LogKey(models.Model):
    """With what a log's heads are signed (Ed25519). The one that is not retired signs; each verifies the heads of its time."""

    kid = models.CharField(primary_key=True, max_length=64)
    log = models.CharField(max_length=60, db_index=True)
    public_key = models.BinaryField()
    sealed_private_key = SealedField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log"], condition=models.Q(retired_at=None), name="one_log_key_at_a_time")
        ]
