"""Finding people, in the present scope."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from cloudlicenses.kit.refusals import NotFound


def people() -> QuerySet[User]:
    """Everybody here, by address."""
    return User.objects.order_by("email")


def person(user_id: str) -> User:
    """Raises `NotFound`, also for what can't be an id."""
    is_number = user_id.isascii() and user_id.isdecimal() and len(user_id) < 19
    found = User.objects.filter(pk=user_id).first() if is_number else None
    if found is None:
        raise NotFound
    return found


def person_with(email: str) -> User:
    """The active person with this e-mail address; raises `NotFound`."""
    found = User.objects.filter(email=email.lower(), is_active=True).first()
    if found is None:
        raise NotFound(f"There is no active user with the e-mail address {email}.")
    return found


def active_addresses(*roles: str) -> list[str]:
    """Where to write to the people of these roles who can sign in."""
    return list(
        User.objects.filter(role__in=roles, is_active=True)
        .exclude(password="")
        .values_list("email", flat=True)
        .order_by("email")
    )
