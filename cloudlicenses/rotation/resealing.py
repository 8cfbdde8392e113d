"""Bringing all that an owner's former data keys have sealed to the one in use; then those keys may go.

    1. nobody is storing anything any more that a former key has sealed: it is retired (sealing/data_keys.py says why that is sure)
    2. every sealed column is gone through, `BATCH` rows a transaction
    3. a look finds nothing left: the key is emptied, and some time later, when nobody can have read such a row and not opened it
       yet, destroyed

Interrupted at any point it goes on with what is left, and any number of processes may do it at once. A value that doesn't open
stays, is logged, and keeps its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, QuerySet, Value

from cloudlicenses.kit import clock
from cloudlicenses.sealing import data_keys, rows
from cloudlicenses.sealing.fields import SealedField
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.web import wakeups
from tenants.context import Scope, inside, platform

BATCH = 100
KEPT_AFTER_EMPTIED = timedelta(hours=1)  # longer than any transaction lives: settings.JOB_STATEMENT_SECONDS

Column = tuple[type[models.Model], str]

log = structlog.get_logger("rotation")


def reseal(owner: str, say: Callable[[str], None] = lambda _: None) -> int:
    """How many values were brought to the key in use. In platform scope, outside of a transaction."""
    former = _retired(owner)
    if not former:
        return 0
    with scope_of(owner):
        _count(former, owner)
        total = 0
        for model, column in columns_of(owner):
            for done in _reseal_column(model, column, former):
                total += done
                say(f"{owner}: {total} sealed again")
        emptied = [key_id for key_id in former if _left(key_id, owner) == 0]
    DataKey.objects.filter(pk__in=emptied).update(emptied_at=clock.now())
    return total


def destroy_emptied() -> int:
    """Former keys that nothing has needed for `KEPT_AFTER_EMPTIED` are gone for good; how many. In platform scope."""
    due = DataKey.objects.filter(emptied_at__lt=clock.now() - KEPT_AFTER_EMPTIED, destroyed_at=None)
    return sum(_destroy(key_id, owner) for key_id, owner in due.values_list("pk", "owner"))


def scope_of(owner: str) -> AbstractContextManager[Scope]:
    """Where the rows of an owner are: a tenant's in its schema, all others in `public`."""
    kind, _, name = owner.partition(":")
    return inside(name) if kind == "tenant" else platform()


def columns_of(owner: str) -> list[Column]:
    """All sealed columns of the tables that stand where this owner's rows are."""
    listed = settings.TENANT_APPS if owner.startswith("tenant:") else settings.SHARED_APPS
    return [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.app_config.name in listed
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]


def _retired(owner: str) -> list[UUID]:
    """The owner's former keys that are not emptied. A key that somebody is just sealing with is waited for."""
    keys = DataKey.objects.filter(owner=owner, destroyed_at=None)
    newest = keys.order_by("-version").first()
    if newest is None:
        return []
    former = keys.filter(version__lt=newest.version, emptied_at=None)
    former.filter(retired_at=None).update(retired_at=clock.now())
    return list(former.values_list("pk", flat=True))


def _count(former: list[UUID], owner: str) -> None:
    """Once for each key, for whoever wants to know how far this is."""
    with platform():
        uncounted = list(DataKey.objects.filter(pk__in=former, to_reseal=None).values_list("pk", flat=True))
    for key_id in uncounted:
        count = _left(key_id, owner)
        with platform():
            DataKey.objects.filter(pk=key_id).update(to_reseal=count)


def _left(key_id: UUID, owner: str) -> int:
    return sum(_sealed_by(model, column, [key_id]).count() for model, column in columns_of(owner))


def _reseal_column(model: type[models.Model], column: str, former: list[UUID]) -> Iterator[int]:
    """By primary key, so that one that can't be opened is passed by."""
    after: Any = None
    while True:
        with transaction.atomic():
            found = _sealed_by(model, column, former).select_for_update(of=("self",)).order_by("pk")
            batch = list(found.filter(pk__gt=after)[:BATCH] if after is not None else found[:BATCH])
            done = [row for row in batch if _reseal_row(row, column)]
            model._default_manager.bulk_update(done, [column])
            _note_progress(former, len(done))
        if done:
            yield len(done)
        if len(batch) < BATCH:
            return
        after = batch[-1].pk


def _reseal_row(row: models.Model, column: str) -> bool:
    try:
        setattr(row, column, rows.seal(row, column, rows.unseal(row, column)))
    except Unsealable as error:
        log.error(
            "a sealed value does not open", table=row._meta.db_table, column=column, row=str(row.pk), why=str(error)
        )
        return False
    return True


def _note_progress(former: list[UUID], done: int) -> None:
    """In the transaction of the batch, so that it is right after any interruption. Of several former keys, the newest tells."""
    if done:
        with platform():
            newest = DataKey.objects.filter(pk__in=former).order_by("-version").values("pk")[:1]
            DataKey.objects.filter(pk__in=newest).update(resealed=F("resealed") + done)


def _sealed_by(model: type[models.Model], column: str, former: list[UUID]) -> QuerySet[Any]:
    key_id = Func(
        F(column),
        Value(rows.KEY_ID_AT + 1),
        Value(rows.ID_LENGTH),
        function="substring",
        output_field=models.BinaryField(),
    )
    rows_of: QuerySet[Any] = model._default_manager.annotate(sealed_by=key_id)
    return rows_of.filter(sealed_by__in=[one.bytes for one in former])


@transaction.atomic
def _destroy(key_id: UUID, owner: str) -> bool:
    """Not if something was stored again as it had been read before: that is brought to the key in use first."""
    key = DataKey.objects.filter(pk=key_id, destroyed_at=None)
    with scope_of(owner):
        is_needed = _left(key_id, owner) > 0
    if is_needed:
        key.update(emptied_at=None)
        return False
    destroyed = key.update(wrapped=b"", destroyed_at=clock.now())
    data_keys.forget(key_id)
    wakeups.announce(data_keys.CHANGED, str(key_id))
    return bool(destroyed)
