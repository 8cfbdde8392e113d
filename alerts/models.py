"""Alerts, and what they are made of and lead to. All in the tenant's schema: what is unusual at a tenant is nobody else's
business.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from cloudlicenses.sealing.fields import SealedField

EMPTY = models.Value({}, models.JSONField())
NONE = models.Value([], models.JSONField())


class Alert(models.Model):
    """Something unusual about one subject, for as long as it is not resolved. What happens again is counted, not raised again."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    id = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=30)
    severity = models.CharField(max_length=10)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    subject_kind = models.CharField(max_length=20)  # key, address, user, license, product, certificate, authority, log
    subject_id = models.CharField(max_length=254)
    subject_name = models.CharField(max_length=255, blank=True)
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    facts = models.JSONField(default=dict, db_default=EMPTY)  # of the last occurrence: what wording.py tells
    seen = models.JSONField(default=list, db_default=NONE)  # the last occurrences, newest first
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=254, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=254, blank=True)  # empty: by itself
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"],
                condition=~models.Q(status="resolved"),
                name="one_open_alert_a_subject",
            )
        ]
        indexes = [models.Index(fields=["last_at", "id"]), models.Index(fields=["subject_kind", "subject_id"])]


class Rule(models.Model):
    """Where a tenant differs from what is usual (kinds.py). Quiet times are times of day in the zone of its calendar."""

    kind = models.CharField(primary_key=True, max_length=30)
    is_on = models.BooleanField()
    severity = models.CharField(max_length=10)
    thresholds = models.JSONField(default=dict, db_default=EMPTY)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)


class Calendar(models.Model):
    """The tenant's business hours; one row. `hours`: for each weekday, Monday first, `["08:00", "18:00"]`, or null when closed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    zone = models.CharField(max_length=64, default="UTC")
    hours = models.JSONField(default=list)
    holidays = models.JSONField(default=list)  # [{"day": "2026-12-25", "name": "Christmas"}]


class Channel(models.Model):
    """Where alerts go besides the dashboard. Where exactly is sealed: a Slack URL or a PagerDuty key lets anybody post there."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"
        SLACK = "slack"
        PAGERDUTY = "pagerduty"

    id = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    least_severity = models.CharField(max_length=10, default="low")
    kinds = ArrayField(models.CharField(max_length=30), default=list)  # empty: all
    language = models.CharField(max_length=10, default="en")  # of its messages; mails are in their reader's
    hint = models.CharField(max_length=254, blank=True)  # of the target, to tell channels apart
    sealed_target = SealedField()  # JSON, see channels.py
    former_secret_until = models.DateTimeField(null=True)  # of a webhook: the former secret signs too, until then
    created_at = models.DateTimeField()


class Delivery(models.Model):
    """One message to one receiver, with what became of it; the queue of cloudlicenses.web.outgoing."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"
        SUPERSEDED = "superseded"  # what came after says it all

    id = models.CharField(primary_key=True, max_length=40)
    endpoint = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, related_name="deliveries")  # null: a test
    message_id = models.CharField(max_length=60)
    event = models.CharField(max_length=30)
    receiver = models.CharField(max_length=254, blank=True)  # of a mail
    body = models.TextField()  # as it is sent; of a mail, what it is made of
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    first_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_problem = models.CharField(max_length=500, blank=True)
    log = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(status="pending"), name="due_alert_messages")
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message_id", "receiver"], name="one_alert_message_a_receiver")
        ]


class RevokeLink(models.Model):
    """ "Revoke this key", in a mail to one person; works once. Only the hash of its secret is kept."""

    delivery = models.OneToOneField(Delivery, on_delete=models.CASCADE, primary_key=True, related_name="revoke_link")
    secret_hash = models.CharField(max_length=64, unique=True)
    key_id = models.CharField(max_length=40)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Sighting(models.Model):
    """A key at a place: an address or a hostname. `is_familiar` once a seat was given there."""

    key_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)  # address or hostname
    place = models.CharField(max_length=253)
    is_familiar = models.BooleanField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_id", "kind", "place"], name="one_sighting_a_place")]
        indexes = [models.Index(fields=["last_at"])]


class Pace(models.Model):
    """How often something happens to a subject: by minute for the last hour, and what was usual before."""

    what = models.CharField(max_length=12)  # checkouts, addresses, refusals, denials
    subject = models.CharField(max_length=254)
    minutes = models.JSONField(default=dict)  # {minute since 1970: how many}
    usual = models.FloatField(default=0)  # of a window in which anything happened
    windows = models.PositiveIntegerField(default=0)  # that it was learned from
    learned_upto = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "subject"], name="one_pace_a_subject")]
        indexes = [models.Index(fields=["last_at"], name="idle_paces")]
