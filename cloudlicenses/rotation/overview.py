"""How all data keys stand: one row for each owner, with the key in use and how far its last rotation is. In platform scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from cloudlicenses.rotation import masters
from cloudlicenses.sealing import data_keys, master
from cloudlicenses.sealing.models import DataKey


@dataclass(frozen=True, slots=True)
class Masters:
    """`known`: marks of what MASTER_KEY lists, newest first. `lacking`: of what wraps a data key and is not listed."""

    known: list[str]
    lacking: list[str]
    by_former: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`state`: `in_use`, `resealing`, or `kept` while a former key waits to be destroyed."""

    owner: str
    version: int
    created_at: datetime
    wrapped_by: str
    state: str
    to_reseal: int | None = None
    resealed: int = 0

    @property
    def meter(self) -> int:
        """How much of a bar of 100 is full."""
        return min(100, 100 * self.resealed // self.to_reseal) if self.to_reseal else 0


def keys_in_use() -> QuerySet[DataKey]:
    """One for each owner."""
    newer = DataKey.objects.filter(owner=OuterRef("owner"), version__gt=OuterRef("version"))
    return DataKey.objects.filter(~Exists(newer), destroyed_at=None)


def standings(keys: list[DataKey]) -> list[Standing]:
    """Of these owners' keys in use; one query more."""
    former = DataKey.objects.filter(owner__in=[key.owner for key in keys], destroyed_at=None).order_by("version")
    newest = {key.owner: key.version for key in keys}
    before = {key.owner: key for key in former if key.version < newest[key.owner]}
    return [_standing(key, before.get(key.owner)) for key in keys]


def of_masters() -> Masters:
    return Masters(known=master.known(), lacking=data_keys.lacking_masters(), by_former=masters.wrapped_by_former())


def _standing(key: DataKey, former: DataKey | None) -> Standing:
    facts = (key.owner, key.version, key.created_at, key.wrapped_by)
    if former is None:
        return Standing(*facts, state="in_use")
    state = "kept" if former.emptied_at else "resealing"
    return Standing(*facts, state=state, to_reseal=former.to_reseal, resealed=former.resealed)
