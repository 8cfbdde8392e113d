"""Going on with rotations, whoever began them and wherever they stopped; beginning what age demands, destroying what is over."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import Exists, OuterRef

from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.rotation import resealing, rotating
from cloudlicenses.sealing.models import DataKey

MOST_BEGUN_AT_ONCE = 5

log = structlog.get_logger("rotation")


def sweep() -> int:
    """How many values were sealed again. In platform scope, outside of a transaction. One owner's failure is not another's."""
    _begin_what_is_old()
    total = sum(_go_on(owner) for owner in unfinished())
    resealing.destroy_emptied()
    return total


def unfinished() -> list[str]:
    """Owners with a former key that still opens something."""
    newer = DataKey.objects.filter(owner=OuterRef("owner"), version__gt=OuterRef("version"))
    waiting = DataKey.objects.filter(Exists(newer), emptied_at=None, destroyed_at=None)
    return list(waiting.order_by("owner").values_list("owner", flat=True).distinct())


def _begin_what_is_old() -> None:
    """Of those whose last rotation is over: one that can't come to its end takes nobody's turn."""
    if settings.DATA_KEY_DAYS:
        under_way = set(unfinished())
        old = rotating.owners_with_old_keys(timedelta(days=settings.DATA_KEY_DAYS))
        for owner in [one for one in old if one not in under_way][:MOST_BEGUN_AT_ONCE]:
            try:
                rotating.begin(owner, actor=SYSTEM)
            except Refusal as refusal:
                log.info("not rotated now", owner=owner, code=refusal.code)


def _go_on(owner: str) -> int:
    try:
        return resealing.reseal(owner)
    except DatabaseError as error:
        log.error("resealing stopped", owner=owner, exc_info=error)
        return 0
