"""Finding people, in the present scope."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Role, User
from cloudlicenses.kit.refusals import NotFound


def people(vendor_id: str = "", *, search: str = "") -> QuerySet[User]:
    """Everybody of the present tenant, or of that vendor; whose name or address has these words."""
    found = User.objects.filter(vendor_id=vendor_id).exclude(role=Role.OPERATOR)
    for word in search.split():
        found = found.filter(Q(email__icontains=word) | Q(name__icontains=word))
    return found


def person(user_id: str, *, vendor_id: str = "", for_update: bool = False) -> User:
    """Of the present tenant, or of that vendor. Raises `NotFound`, also for what can't be an id."""
    rows = User.objects.select_for_update() if for_update else User.objects.all()
    is_number = user_id.isascii() and user_id.isdecimal() and len(user_id) < 19
    found = rows.filter(pk=user_id, vendor_id=vendor_id).exclude(role=Role.OPERATOR).first() if is_number else None
    if found is None:
        raise NotFound
    return found


def person_with(email: str) -> User:
    """The active person with this e-mail address; raises `NotFound`."""
    found = User.objects.filter(email=email.lower(), is_active=True).first()
    if found is None:
        raise NotFound(f"There is no active user with the e-mail address {email}.")
    return found


def language_of(email: str) -> str:
    """In which language this person reads, if they are here and have said so; else empty."""
    return User.objects.filter(email=email.lower(), is_active=True).values_list("language", flat=True).first() or ""


def active_addresses(*roles: str) -> list[str]:
    """Where to write to the people of these roles who can sign in."""
    return list(
        User.objects.filter(role__in=roles, is_active=True)
        .exclude(password="")
        .values_list("email", flat=True)
        .order_by("email")
    )
