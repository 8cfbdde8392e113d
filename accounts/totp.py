"""One-time codes of an authenticator app (RFC 6238): enrolling it, and checking a code, which works once.

A code is used up by its time step, in one conditional UPDATE: of two sign-ins with one code, one succeeds.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

import pyotp
import segno
from django.db import transaction

from accounts import second_factors
from accounts.models import Totp, User
from accounts.refusals import WrongCode
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.sealing.rows import seal, unseal

STEP_SECONDS = 30
ENROLLING = timedelta(minutes=30)
STEPS_ASIDE = (0, -1, 1)  # a clock that is slow or fast by half a minute


def begin(user: User) -> Totp:
    """A secret for a new app, to be confirmed by a code; an enrolment that was begun just now and not confirmed goes on.

    A secret that was shown longer ago is replaced: whoever saw it then must not know the app that is enrolled today.
    """
    with transaction.atomic():
        second_factors.hold(user)
        totp, is_new = Totp.objects.get_or_create(user=user, defaults={"created_at": clock.now()})
        if is_new or (totp.confirmed_at is None and totp.created_at < clock.now() - ENROLLING):
            totp.sealed_secret = seal(totp, "sealed_secret", pyotp.random_base32().encode())
            totp.created_at = clock.now()
            totp.save(update_fields=["sealed_secret", "created_at"])
        return totp


@transaction.atomic
def confirm(user: User, code: str, *, actor: Actor) -> list[str]:
    """The app counts from now on. The recovery codes, if these are the person's first; raises `WrongCode`."""
    second_factors.hold(user)
    totp = Totp.objects.filter(user=user, confirmed_at=None).first()
    if totp is None or not _use_up(totp, code):
        raise WrongCode
    totp.confirmed_at = clock.now()
    totp.save(update_fields=["confirmed_at"])
    return second_factors.added(user, "totp", actor=actor)


def check(user: User, code: str) -> bool:
    """Whether this is the app's code now; it is used up by asking."""
    totp = Totp.objects.filter(user=user, confirmed_at__isnull=False).first()
    return totp is not None and _use_up(totp, code)


@transaction.atomic
def remove(user: User, *, actor: Actor) -> None:
    """The app counts no more. Repeatable."""
    second_factors.hold(user)
    if Totp.objects.filter(user=user, confirmed_at__isnull=False).delete()[0]:
        second_factors.removed(user, "totp", actor=actor)


def secret_of(totp: Totp) -> str:
    return unseal(totp, "sealed_secret").decode()


def address_of(totp: Totp, *, issuer: str) -> str:
    """The `otpauth://` address that an app reads from a QR code."""
    return pyotp.TOTP(secret_of(totp)).provisioning_uri(name=totp.user.email, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The address as a QR code: an SVG element without style attributes."""
    return segno.make(address, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=True)


def _use_up(totp: Totp, code: str) -> bool:
    digits = code.replace(" ", "")
    step = _step_of(secret_of(totp), digits) if digits.isascii() else None
    if step is None:
        return False
    return Totp.objects.filter(pk=totp.pk, last_step__lt=step).update(last_step=step) == 1


def _step_of(secret: str, code: str) -> int | None:
    """The time step that the code belongs to, near now."""
    now = int(clock.now().timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    matching = [now + aside for aside in STEPS_ASIDE if hmac.compare_digest(generator.generate_otp(now + aside), code)]
    return matching[0] if matching else None
