"""How hard a password is to guess, by zxcvbn: lists of leaked passwords, names and words, keyboard patterns, dates, l33t.

Django's own list of 20,000 leaked passwords is asked beside it (settings); both are shipped, so nothing of a password leaves us.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from accounts.models import User

LONGEST_JUDGED = 72  # zxcvbn's work grows fast with the length; what is hard to guess so far doesn't get easier by more
ENOUGH = 3  # of 0 to 4: more than 10^8 guesses


class HardToGuessValidator:
    """A password validator of Django's (AUTH_PASSWORD_VALIDATORS)."""

    def validate(self, password: str, user: User | None = None) -> None:
        known = _known_of(user) if user else []
        if not password or zxcvbn(password[:LONGEST_JUDGED], user_inputs=known)["score"] < ENOUGH:
            raise ValidationError(
                _("This password would be guessed soon. Use more words; no names, dates, or rows of the keyboard."),
                code="password_easily_guessed",
            )

    def get_help_text(self) -> str:
        return _("Your password must be hard to guess: several words are, names and dates are not.")


def _known_of(user: User) -> list[str]:
    """What others know of the person: the parts of name and address, and whom they work for."""
    return [
        part
        for part in re.split(r"[\W_]+", f"{user.email} {user.name} {user.vendor_id} cloudlicenses")
        if len(part) > 2
    ]
