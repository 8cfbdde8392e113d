"""Who is due, of all tenants, in one table of `public`: "what is to be done?" is one query, whatever their number.

Nothing of what happened at a tenant is in it, only how far its log has been read.
"""

from __future__ import annotations

from django.db import models


class Watch(models.Model):
    """`look_at`: something may have happened, or time decides something then. `send_at`: a message is due. Null: nothing to do."""

    tenant_id = models.CharField(primary_key=True, max_length=40)
    look_at = models.DateTimeField(null=True)
    send_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)  # when what lasts was judged last; null: it may have changed
    read_upto = models.BigIntegerField(
        null=True, default=0, db_default=0
    )  # of the audit log; null: begin with what comes
    missing = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField())
    )  # ids below it, see reading.py

    class Meta:
        db_table = "alerts_watch"
        indexes = [
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="due_alert_looks"),
            models.Index(fields=["send_at"], condition=models.Q(send_at__isnull=False), name="due_alert_sends"),
        ]
