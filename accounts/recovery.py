"""Recovery codes: ten at a time, each works once, for whoever has lost the phone and the passkeys. Only hashes are kept."""

from __future__ import annotations

import secrets

from django.db import transaction

from accounts.models import RecoveryCode, User
from audit import events
from cloudlicenses.kit import clock, ids, tokens
from cloudlicenses.kit.actor import Actor

HOW_MANY = 10
LENGTH = 12  # characters of 5 bits each


@transaction.atomic
def renew(user: User, *, actor: Actor) -> list[str]:
    """Ten new codes, shown this once; the former ones end."""
    User.objects.select_for_update().get(pk=user.pk)  # two at once would leave twenty
    codes = [_new_code() for _ in range(HOW_MANY)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=tokens.digests(_plain(code))[0]) for code in codes
    )
    events.record("recovery_codes.made", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id)
    return codes


def use(user: User, code: str, *, actor: Actor) -> bool:
    """Whether this is one of the person's codes that are left. Of two sign-ins with one code, one succeeds."""
    unused = user.recovery_codes.filter(code_hash__in=tokens.digests(_plain(code)), used_at=None)
    with transaction.atomic():
        if unused.update(used_at=clock.now()) != 1:
            return False
        events.record(
            "recovery_code.used", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id, left=left(user)
        )
    return True


def left(user: User) -> int:
    return user.recovery_codes.filter(used_at=None).count()


def _new_code() -> str:
    text = "".join(secrets.choice(ids.ALPHABET) for _ in range(LENGTH))
    return "-".join(text[start : start + 4] for start in range(0, LENGTH, 4))


def _plain(code: str) -> str:
    """As it may be typed: in capitals, with or without hyphens and spaces."""
    return "".join(code.lower().split()).replace("-", "")
