"""A tenant's people: the first administrator, and what administrators do with the others.

There is always an active owner. All functions but the first work in the present scope.
"""

from __future__ import annotations

from django.db import transaction

from accounts import invitations, queries
from accounts.models import Role, User
from accounts.refusals import LastOwner
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM, Actor
from tenants.context import inside
from tenants.models import Tenant


def invite_administrator(tenant: Tenant) -> None:
    """The tenant's first owner, once: whoever has been invited already is not invited again."""
    with inside(tenant.id), transaction.atomic():
        if not User.objects.filter(email=tenant.admin_email.lower()).exists():
            invitations.invite(email=tenant.admin_email, name=tenant.admin_name, role=Role.OWNER, actor=SYSTEM)


@transaction.atomic
def change_role(user_id: str, role: str, *, actor: Actor) -> User:
    """Raises `NotFound`, and `LastOwner` when nobody would be left who may invite others."""
    owners = _lock_owners()
    user = queries.person(user_id)
    if role != Role.OWNER:
        _refuse_to_lose_last(owners, user)
    before, user.role = user.role, role
    user.save(update_fields=["role"])
    events.record("user.role_changed", actor=actor, subject=("user", str(user.pk)), before=before, after=role)
    return user


@transaction.atomic
def deactivate(user_id: str, *, actor: Actor) -> User:
    """The person can't sign in any more; tokens are revoked and invitations end. Repeatable.

    Raises `NotFound`, `LastOwner`.
    """
    owners = _lock_owners()
    user = queries.person(user_id)
    if user.is_active:
        _refuse_to_lose_last(owners, user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        user.tokens.filter(revoked_at=None).update(revoked_at=clock.now())
        user.invitations.filter(used_at=None, expires_at__gt=clock.now()).update(expires_at=clock.now())
        events.record("user.deactivated", actor=actor, subject=("user", str(user.pk)))
    return user


def _lock_owners() -> list[User]:
    """Two owners who remove each other at once: one waits here, and then may not."""
    return list(User.objects.select_for_update().filter(role=Role.OWNER, is_active=True).order_by("pk"))


def _refuse_to_lose_last(owners: list[User], user: User) -> None:
    if [owner.pk for owner in owners] == [user.pk]:
        raise LastOwner
