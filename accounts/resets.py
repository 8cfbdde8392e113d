"""A forgotten password: a link by mail, which works once and for an hour.

Asking is the same work for an address that is known and for one that isn't: one entry of the audit log. Whether there is anybody to
write to is found out afterwards, by the job that sends the letter (letters.py).
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from accounts import invitations, links, passwords
from accounts.models import PasswordReset, User
from accounts.refusals import ResetExpired, ResetUnknown, ResetUsed
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor

PURPOSE = "password resets"


@transaction.atomic
def ask(email: str, *, actor: Actor) -> None:
    """Somebody says they have forgotten the password of this address; the letter follows, if there is anybody to get it."""
    events.record("password_reset.asked", actor=actor, email=email.strip().lower()[:254])


@transaction.atomic
def open_for(email: str, *, asked_in: str) -> PasswordReset | None:
    """The reset that this event asks for, the same each time; it ends earlier ones. None where nobody can use it."""
    user = User.objects.select_for_update().filter(email=email, is_active=True).exclude(password="").first()
    if user is None:
        return None
    known = PasswordReset.objects.filter(asked_in=asked_in).first()
    return known or _new_reset(user, asked_in)


def link_of(reset: PasswordReset) -> str:
    """The link, on the host where the person works; empty when it can't be used any more."""
    secret = links.open_secret_of(reset, PURPOSE, reset.user_id)
    return invitations.url_for(reset.user, f"/resets/{secret}") if secret else ""


def find(secret: str) -> PasswordReset:
    """The open reset that a link leads to, with its user; looking uses nothing up.

    Raises `ResetUnknown`, `ResetUsed`, `ResetExpired`.
    """
    reset = PasswordReset.objects.select_related("user").filter(secret_hash=links.hash_of(secret)).first()
    if reset is None or not reset.user.is_active:
        raise ResetUnknown
    if reset.used_at:
        raise ResetUsed
    if reset.expires_at <= clock.now():
        raise ResetExpired
    return reset


@transaction.atomic
def use(secret: str, password: str, *, actor: Actor) -> User:
    """Set the password, use the link up, sign every browser out. Of two at once, one succeeds.

    Raises what `find` does, and `InvalidInput` for a password that is too weak.
    """
    links.hold_person(PasswordReset.objects.all(), secret)
    reset = find(secret)
    passwords.set_new(reset.user, password, event="user.password_reset", actor=actor)
    reset.used_at = clock.now()
    reset.save(update_fields=["used_at"])
    return reset.user


def _new_reset(user: User, asked_in: str) -> PasswordReset:
    now = clock.now()
    links.end_open(user.resets.all())
    reset = PasswordReset(
        user=user, asked_in=asked_in, created_at=now, expires_at=now + timedelta(minutes=settings.RESET_MINUTES)
    )
    reset.secret_hash = links.hash_of(links.secrets_of(reset, PURPOSE, user.pk)[0])
    reset.save(force_insert=True)
    return reset
