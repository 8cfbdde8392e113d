"""A new master key taken into use, without downtime: data keys are wrapped again; nothing that they have sealed is touched.

1. MASTER_KEY=old,new     restart every process: all of them can open what either has wrapped
2. MASTER_KEY=new,old     restart every process: `new` wraps from now on
3. manage.py rotate_master_key
4. MASTER_KEY=new         restart every process: `old` opens nothing any more
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.sealing import master
from cloudlicenses.sealing.models import DataKey
from tenants.context import platform


def rewrap(actor: Actor, say: Callable[[str], None]) -> int:
    """Wrap with the newest master key what former ones have wrapped; how many data keys. Interrupted, it goes on where it stopped.

    Raises `MasterKeyMissing` for a data key that none of MASTER_KEY opens; those before it are done.
    """
    total = 0
    with platform():
        while _rewrap_one():
            total += 1
        say(f"wrapped again: {total}")
        events.record("master_key.rotated", actor=actor, rewrapped=total)
    return total


def wrapped_by_former() -> int:
    """How many data keys still need a master key that isn't the newest. In platform scope."""
    return _former().count()


@transaction.atomic
def _rewrap_one() -> bool:
    """One a transaction: whoever seals holds its own key's row, and maybe others."""
    key = _former().select_for_update(skip_locked=True).order_by("pk").first() or _former().select_for_update().first()
    if key is None:
        return False
    data_key = master.unwrap(bytes(key.wrapped), owner=key.owner, key_id=key.pk)
    key.wrapped, key.wrapped_by = master.wrap(data_key, owner=key.owner, key_id=key.pk), master.newest()
    key.save(update_fields=["wrapped", "wrapped_by"])
    return True


def _former() -> QuerySet[DataKey]:
    return DataKey.objects.filter(destroyed_at=None).exclude(wrapped_by=master.newest())
