"""Data keys: one in use for each owner, and the former ones until nothing is sealed with them any more. All in `public`."""

from __future__ import annotations

import uuid

from django.db import models


class DataKey(models.Model):
    """A key of `platform`, `tenant:{id}` or `vendor:{id}`, wrapped by the master key. An owner's highest version seals.

    A former one goes through these moments: retired (nothing is sealed with it any more), emptied (nothing in the database is),
    destroyed (`wrapped` is empty).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    wrapped_by = models.CharField(max_length=8)  # the mark of the master key
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    to_reseal = models.PositiveIntegerField(null=True)  # values that it had sealed, counted once it was retired
    resealed = models.PositiveIntegerField(default=0, db_default=0)
    is_held = models.BooleanField(db_default=False)  # never written: the right to write it is the right to lock the row

    class Meta:
        ordering = ["owner", "-version"]
        constraints = [models.UniqueConstraint(fields=["owner", "version"], name="one_data_key_a_version")]
