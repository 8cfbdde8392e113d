"""Passwords: what is too weak, and changing one's own. A changed password signs every other browser out, and ends the links that
were asked for while the former one was forgotten, or in wrong hands."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import links, sessions
from accounts.models import User
from accounts.refusals import WrongPassword
from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, gettext_noop


def refuse_weak(password: str, user: User) -> None:
    """Raises `InvalidInput` with a line for each thing that is wrong with this password for this person."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        found = [FieldError("password", str(error.code), " ".join(error.messages)) for error in weak.error_list]
        raise InvalidInput(gettext_noop("Choose another password."), errors=found) from None


def change(user: User, present: str, password: str, *, actor: Actor, session_key: str | None) -> None:
    """Set another password; of the person's sessions, that of `session_key` alone goes on.

    Raises `WrongPassword` when `present` isn't the present one, and `InvalidInput` for one that is too weak.
    """
    if not user.check_password(present):
        events.record(
            "user.password_change_refused", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id,
            code=WrongPassword.code,
        )  # fmt: skip
        raise WrongPassword
    set_new(user, password, event="user.password_changed", actor=actor, session_key=session_key)


@transaction.atomic
def set_new(user: User, password: str, *, event: str, actor: Actor, session_key: str | None = None) -> None:
    """Set a password for whoever has proved in another way to be this person; raises `InvalidInput`."""
    refuse_weak(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    links.end_open(user.resets.all())
    sessions.end_all(user, actor=actor, but=session_key)
    events.record(event, actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id)
