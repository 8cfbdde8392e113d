"""Asking to forget somebody: who it is, checked and taken down; a job does it (carrying_out.py).

Owners may name those alone who had an account here that was deactivated, and those whom applications named as the user of a seat.
So nobody can blank a log by calling a key's id, or a colleague who is still here, a person to be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.refusals import StillActive
from applications.models import Fingerprint
from audit import events
from cloudlicenses.erasure.models import Erasure
from cloudlicenses.erasure.person import LEAST_LENGTH, Person
from cloudlicenses.erasure.refusals import NobodyNamed
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop
from cloudlicenses.sealing.rows import seal
from licensing.models import Denial, Lease
from tenants.context import Scope, inside, platform


@dataclass(frozen=True)
class Whose:
    """A tenant's, a vendor's, or neither: the platform's own."""

    tenant_id: str = ""
    vendor_id: str = ""

    def scope(self) -> AbstractContextManager[Scope]:
        return inside(self.tenant_id) if self.tenant_id else platform()

    def accounts(self) -> QuerySet[User]:
        """In its scope."""
        return User.objects.filter(vendor_id=self.vendor_id)


def ask(names: Sequence[str], whose: Whose, *, actor: Actor, may_name_anything: bool = False) -> Erasure:
    """From now on a job forgets whoever is known by these names. `may_name_anything`: an operator knows what they do.

    Raises `InvalidInput`, `StillActive`, `NobodyNamed`.
    """
    person = _person(names, whose)
    if not may_name_anything:
        _refuse_unless_known(person, whose)
    with platform(), transaction.atomic():
        erasure = Erasure(
            id=ids.new_id("era"), tenant_id=whose.tenant_id, vendor_id=whose.vendor_id, asked_at=clock.now(),
            asked_by=(actor.label or actor.id)[:254], next_try_at=clock.now(),
        )  # fmt: skip
        told = {"names": person.names, "user_id": person.user_id, "pseudonym": person.pseudonym}
        erasure.sealed_person = seal(erasure, "sealed_person", json.dumps(told).encode())
        erasure.save(force_insert=True)
        with whose.scope():
            subject = ("erasure", erasure.pk)
            events.record(
                "person.erasure_asked", actor=actor, subject=subject, vendor_id=whose.vendor_id, announce=False
            )
    return erasure


def erasures(whose: Whose) -> QuerySet[Erasure]:
    """All that were asked for, the newest first. In platform scope."""
    return Erasure.objects.filter(tenant_id=whose.tenant_id, vendor_id=whose.vendor_id).order_by("-asked_at", "id")


def _person(names: Sequence[str], whose: Whose) -> Person:
    """With what the account says of them, if they had one. Raises `InvalidInput`, `StillActive`."""
    short = [name for name in names if name.strip() and len(name.strip()) < LEAST_LENGTH]
    if short or not any(name.strip() for name in names):
        said = Said(gettext_noop("At least %(least)s characters each."), least=LEAST_LENGTH)
        raise InvalidInput(errors=[FieldError("names", "too_short", said)])
    with whose.scope():
        known = Person.known_as(names)
        condition = Q()
        for name in known.names:
            condition |= Q(email__iexact=name) | Q(name__iexact=name)
        found = list(whose.accounts().filter(condition))
        if any(user.is_active for user in found):
            raise StillActive
        mine = next((user for user in found if known.is_named(user.email)), None)
    return Person.known_as([*names, mine.name] if mine else names, str(mine.pk) if mine else "")


def _refuse_unless_known(person: Person, whose: Whose) -> None:
    """Raises `NobodyNamed`."""
    with whose.scope():
        unknown = [name for name in person.names if not _is_known(name, whose)]
    if unknown:
        raise NobodyNamed


def _is_known(name: str, whose: Whose) -> bool:
    if whose.accounts().filter(Q(email__iexact=name) | Q(name__iexact=name)).exists():
        return True
    seats = (Lease, Denial, Fingerprint) if whose.tenant_id else ()
    return any(model._default_manager.filter(user__iexact=name).exists() for model in seats)
