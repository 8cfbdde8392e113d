"""Going through a place: its rows that name the person, some at a time, each as it is once they are forgotten."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Cast

from cloudlicenses.erasure.person import Person
from cloudlicenses.erasure.places import Place

BATCH = 500


def count(place: Place, person: Person, owner: str = "") -> int:
    return len(_found(place, person, owner))


def forget(place: Place, person: Person, owner: str = "") -> int:
    """How many rows were changed, or went. In the scope of the place; each batch is a transaction, locked in order of its keys."""
    total, found = 0, _found(place, person, owner)
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        with transaction.atomic():
            rows = place.model._default_manager.select_for_update().filter(pk__in=batch).order_by("pk")
            total += rows.delete()[0] if place.goes else _conceal(list(rows), place, person)
    return total


def _found(place: Place, person: Person, owner: str) -> list[Any]:
    """The keys of rows that may name them: what exactly is meant, `_concealed` decides."""
    rows: QuerySet[models.Model] = place.model._default_manager.all()
    if place.whose:
        rows = rows.filter(**{place.whose: owner})
    condition = Q()
    for number, name in enumerate((*place.names, *place.mentions)):
        is_text = isinstance(place.model._meta.get_field(name), models.CharField | models.TextField)
        if not is_text:
            rows = rows.annotate(**{f"text_{number}": Cast(name, models.TextField())})
        lookup = (
            f"{name}__iexact"
            if is_text and name in place.names
            else f"{name if is_text else f'text_{number}'}__icontains"
        )
        for spelling in person.spellings():
            condition |= Q(**{lookup: spelling})
    found = rows.filter(condition).order_by("pk")
    if place.goes:
        return list(found.values_list("pk", flat=True))
    return [row.pk for row in found.iterator() if _concealed(row, place, person)]


def _conceal(rows: list[models.Model], place: Place, person: Person) -> int:
    changed = 0
    for row in rows:
        if told := _concealed(row, place, person):
            for name, value in told.items():
                setattr(row, name, value)
            row.save(update_fields=list(told))
            changed += 1
    return changed


def _concealed(row: models.Model, place: Place, person: Person) -> dict[str, Any]:
    """What of the row is another then; nothing for a row that doesn't name them."""
    told: dict[str, Any] = {}
    for name in place.names:
        before = getattr(row, name)
        after = [_whole(one, person) for one in before] if isinstance(before, list) else _whole(before, person)
        told |= {name: after} if after != before else {}
    for name in place.mentions:
        before = getattr(row, name)
        after = person.concealed(before)
        told |= {name: _fitting(after, row._meta.get_field(name))} if after != before else {}
    return told | dict(place.clears) if told else {}


def _whole(text: str, person: Person) -> str:
    return person.pseudonym if person.is_named(text) else text


def _fitting(value: Any, column: Any) -> Any:
    """No longer than the column takes."""
    if isinstance(column, ArrayField):
        return [_fitting(one, column.base_field) for one in value]
    most = getattr(column, "max_length", None)
    return value[:most] if isinstance(value, str) and most else value
