"""The next data key of an owner: from now on it seals. What the former one has sealed is brought to it by resealing.py."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from cloudlicenses.rotation.refusals import RotationUnderWay
from cloudlicenses.sealing import data_keys, master
from cloudlicenses.sealing.models import DataKey


@transaction.atomic
def begin(owner: str, *, actor: Actor) -> DataKey:
    """The new key. In platform scope. Raises `NotFound` for who has none, `RotationUnderWay` before the last one has ended."""
    present = DataKey.objects.filter(owner=owner, destroyed_at=None).order_by("-version")
    newest = present.first()
    if newest is None:
        raise NotFound(f"There is no data key of {owner!r}.")
    if present.filter(version__lt=newest.version, emptied_at=None).exists():
        raise RotationUnderWay
    return _add(owner, newest.version + 1, actor)


def owners_with_old_keys(age: timedelta) -> list[str]:
    """Whose key in use is older than that, the oldest first. In platform scope."""
    newest = DataKey.objects.filter(destroyed_at=None).values("owner").annotate(at=Max("created_at"))
    return list(newest.filter(at__lt=clock.now() - age).order_by("at").values_list("owner", flat=True))


def _add(owner: str, version: int, actor: Actor) -> DataKey:
    """Of two at once, one is refused."""
    key_id, wrapped = data_keys.new_wrapped(owner)
    key = DataKey(
        id=key_id, owner=owner, version=version, wrapped=wrapped, wrapped_by=master.newest(), created_at=clock.now()
    )
    if not DataKey.objects.bulk_create([key], ignore_conflicts=True) or not DataKey.objects.filter(pk=key_id).exists():
        raise RotationUnderWay
    events.record("data_key.rotated", actor=actor, subject=("data_key", owner), version=version)
    return key
