"""What all second factors share: when the first comes, recovery codes are made; when the last goes, they end.

`User.second_factor_since` says since when a password alone doesn't let this person in. Everybody needs one, unless the server
leaves it to owners, who ask it of roles (`SECOND_FACTOR_FOR`, docs/decisions/0031).
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accounts import recovery
from accounts.models import AccessPolicy, Totp, User
from accounts.refusals import SecondFactorForEverybody, SecondFactorRequired
from accounts.roles import TENANT, VENDOR
from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said, gettext_noop


def added(user: User, kind: str, *, actor: Actor) -> list[str]:
    """In the transaction that adds one (`totp`, `passkey`): recovery codes to show, if it is the first."""
    locked = hold(user)
    events.record(f"{kind}.added", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id)
    if locked.second_factor_since is not None:
        return []
    _set_since(user, first=True)
    return recovery.renew(user, actor=actor)


def removed(user: User, kind: str, *, actor: Actor) -> None:
    """In the transaction that removes one. Raises `SecondFactorRequired` for the last, where the role needs one."""
    locked = hold(user)
    if not _has_any(user):
        if AccessPolicy.asks_second_factor_of(locked):
            raise SecondFactorRequired(
                gettext_noop("Your role needs a second factor: add another before you remove this one.")
            )
        _set_since(user, first=False)
        user.recovery_codes.all().delete()
    events.record(f"{kind}.removed", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id)


@transaction.atomic
def forget_all(user: User, *, actor: Actor) -> None:
    """For somebody who has lost everything: an owner vouches for them. They sign in by password, and enrol again."""
    hold(user)
    user.passkeys.all().delete()
    Totp.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    _set_since(user, first=False)
    events.record("second_factors.forgotten", actor=actor, subject=("user", str(user.pk)), vendor_id=user.vendor_id)


@transaction.atomic
def require_of(roles: list[str], *, vendor_id: str = "", actor: Actor) -> None:
    """These roles need a second factor from now on, the others don't. Raises `InvalidInput` for a role that isn't one here, and
    `SecondFactorForEverybody` where there is nothing to choose."""
    if is_for_everybody():
        raise SecondFactorForEverybody
    here = VENDOR if vendor_id else TENANT
    if unknown := sorted(set(roles) - set(here)):
        strange = Said(gettext_noop("No role here: %(roles)s."), roles=", ".join(unknown))
        raise InvalidInput(errors=[FieldError("roles", "invalid", strange)])
    policy, _ = AccessPolicy.objects.select_for_update().get_or_create(vendor_id=vendor_id)
    before, policy.second_factor_roles = policy.second_factor_roles, sorted(set(roles))
    policy.save()
    events.record("policy.changed", actor=actor, vendor_id=vendor_id, before=before, after=policy.second_factor_roles)


def is_for_everybody() -> bool:
    """Whether this server asks a second factor of everybody, so that owners have nothing to choose."""
    return bool(settings.SECOND_FACTOR_FOR == "everybody")


def hold(user: User) -> User:
    """Lock the person, as they are now, before their factors: so nobody waits for somebody who waits for them."""
    return User.objects.select_for_update().get(pk=user.pk)


def required_of(vendor_id: str = "") -> list[str]:
    """The roles that need a second factor."""
    if is_for_everybody():
        return sorted(VENDOR if vendor_id else TENANT)
    policy = AccessPolicy.objects.filter(pk=vendor_id).first()
    return list(policy.second_factor_roles) if policy else []


def _has_any(user: User) -> bool:
    return user.passkeys.exists() or Totp.objects.filter(user=user, confirmed_at__isnull=False).exists()


def _set_since(user: User, *, first: bool) -> None:
    user.second_factor_since = clock.now() if first else None
    user.save(update_fields=["second_factor_since"])
