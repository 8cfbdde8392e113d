"""People of a tenant, and of a vendor: the first administrator, and what owners do with the others.

There is always an active owner. All functions but the first work in the present scope: a tenant's own people, or in `public` those
of the vendor that is named; somebody else's are not there.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import invitations, links, queries, second_factors, sessions
from accounts.models import Role, User
from accounts.refusals import LastOwner
from accounts.roles import OWNERS, TENANT, VENDOR
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM, Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound, Said, gettext_noop
from tenants.context import inside
from tenants.models import Tenant


def invite_administrator(tenant: Tenant) -> None:
    """The tenant's first owner, once: whoever has been invited already is not invited again."""
    with inside(tenant.id), transaction.atomic():
        if not User.objects.filter(email=tenant.admin_email.lower()).exists():
            invitations.invite(email=tenant.admin_email, name=tenant.admin_name, role=Role.OWNER, actor=SYSTEM)


def refuse_strange_role(role: str, vendor_id: str = "") -> None:
    """Raises `InvalidInput` for a role that there isn't here."""
    if role not in (here := VENDOR if vendor_id else TENANT):
        one_of = Said(gettext_noop("Must be one of %(choices)s."), choices=", ".join(here))
        raise InvalidInput(errors=[FieldError("role", "invalid_choice", one_of)])


@transaction.atomic
def change_role(user_id: str, role: str, *, actor: Actor, vendor_id: str = "") -> User:
    """Raises `NotFound`, `InvalidInput`, and `LastOwner` when nobody would be left who may invite others."""
    refuse_strange_role(role, vendor_id)
    owners = _lock_owners(vendor_id)
    user = queries.person(user_id, vendor_id=vendor_id)
    if role not in OWNERS:
        _refuse_to_lose_last(owners, user)
    before, user.role = user.role, role
    user.save(update_fields=["role"])
    _record("user.role_changed", user, actor, before=before, after=role)
    return user


@transaction.atomic
def deactivate(user_id: str, *, actor: Actor, vendor_id: str = "") -> User:
    """The person is out at once: sessions and open links end, tokens are revoked. Repeatable.

    Raises `NotFound`, `LastOwner`.
    """
    owners = _lock_owners(vendor_id)
    user = queries.person(user_id, vendor_id=vendor_id)
    if user.is_active:
        _refuse_to_lose_last(owners, user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        user.tokens.filter(revoked_at=None).update(revoked_at=clock.now())
        links.end_open(user.invitations.all())
        links.end_open(user.resets.all())
        sessions.end_all(user, actor=actor)
        _record("user.deactivated", user, actor)
    return user


@transaction.atomic
def reactivate(user_id: str, *, actor: Actor, vendor_id: str = "") -> User:
    """The person may sign in again with their password; tokens stay revoked. Repeatable; raises `NotFound`."""
    user = queries.person(user_id, vendor_id=vendor_id, for_update=True)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        _record("user.reactivated", user, actor)
    return user


@transaction.atomic
def withdraw_invitation(user_id: str, *, actor: Actor, vendor_id: str = "") -> None:
    """Whoever hasn't accepted yet is no longer expected, and forgotten. Raises `NotFound`, `LastOwner`."""
    owners = _lock_owners(vendor_id)
    user = queries.person(user_id, vendor_id=vendor_id, for_update=True)
    if user.password:
        raise NotFound
    _refuse_to_lose_last(owners, user)
    _record("invitation.withdrawn", user, actor, email=user.email)
    user.delete()


@transaction.atomic
def forget_second_factors(user_id: str, *, actor: Actor, vendor_id: str = "") -> User:
    """For somebody who has lost phone, passkeys and recovery codes: their password lets them in, and they enrol again."""
    user = queries.person(user_id, vendor_id=vendor_id, for_update=True)
    second_factors.forget_all(user, actor=actor)
    sessions.end_all(user, actor=actor)
    return user


@transaction.atomic
def describe(user: User, *, name: str, language: str, time_zone: str, actor: Actor) -> None:
    """What somebody says of themselves."""
    user.name, user.language, user.time_zone = name, language, time_zone
    user.save(update_fields=["name", "language", "time_zone"])
    _record("user.described", user, actor, name=name, language=language, time_zone=time_zone)


def _lock_owners(vendor_id: str) -> list[User]:
    """Two owners who remove each other at once: one waits here, and then may not."""
    owners = User.objects.select_for_update().filter(role__in=OWNERS, vendor_id=vendor_id, is_active=True)
    return list(owners.order_by("pk"))


def _refuse_to_lose_last(owners: list[User], user: User) -> None:
    """Somebody who hasn't accepted yet is no owner to rely on."""
    others = [owner for owner in owners if owner.pk != user.pk and (owner.password or not user.password)]
    if user in owners and not others:
        raise LastOwner


def _record(event: str, user: User, actor: Actor, **facts: Any) -> None:
    events.record(event, actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id, **facts)
