"""Passkeys (WebAuthn): made and used on one host, with the person verified by their device. One is as good as password and code.

A credential belongs to the very origin it was made at; the challenge is kept in the browser's session between question and answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import second_factors
from accounts.models import Passkey, User
from accounts.refusals import PasskeyRefused
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound, gettext_noop
from tenants import context

VERIFIED = UserVerificationRequirement.REQUIRED
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)  # what fido2 raises at what isn't an answer


@dataclass(frozen=True, slots=True)
class Place:
    """The host that asks. `origin` is its scheme, name and port, as the browser signs it."""

    host: str
    origin: str

    @property
    def server(self) -> Fido2Server:
        entity = PublicKeyCredentialRpEntity(name="CloudLicenses", id=self.host)
        return Fido2Server(entity, attestation=None, verify_origin=lambda origin: origin == self.origin)


def begin_making(user: User, place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is asked, and what to keep until it answers."""
    who = PublicKeyCredentialUserEntity(id=_handle(user), name=user.email, display_name=user.name or user.email)
    options, state = place.server.register_begin(
        who, _credentials(user, place), ResidentKeyRequirement.REQUIRED, VERIFIED
    )
    return dict(options), state


@transaction.atomic
def make(
    user: User, place: Place, state: Any, answer: Mapping[str, Any], *, name: str, actor: Actor
) -> tuple[Passkey, list[str]]:
    """The new passkey, and recovery codes if it is the person's first second factor; raises `PasskeyRefused`."""
    try:
        made = place.server.register_complete(state, answer)
    except MALFORMED:
        raise PasskeyRefused from None
    if made.credential_data is None:
        raise PasskeyRefused
    credential_id = websafe_encode(made.credential_data.credential_id)
    passkey, is_new = Passkey.objects.get_or_create(
        credential_id=credential_id,
        defaults={
            "user": user, "credential": bytes(made.credential_data), "sign_count": made.counter, "rp_id": place.host,
            "name": name, "created_at": clock.now(),
        },
    )  # fmt: skip
    if not is_new:
        raise PasskeyRefused(gettext_noop("This passkey is registered already."))
    return passkey, second_factors.added(user, "passkey", actor=actor)


def begin_asking(place: Place, user: User | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for a passkey of this person's, or, of whoever sits there, for any that the device keeps for this host."""
    options, state = place.server.authenticate_begin(_credentials(user, place) if user else None, VERIFIED)
    return dict(options), state


def recognise(place: Place, state: Any, answer: Mapping[str, Any], user: User | None = None) -> User:
    """Whose passkey has answered; raises `PasskeyRefused`, also where it isn't `user`'s."""
    try:
        parsed = AuthenticationResponse.from_dict(answer)
        passkey = _passkey(websafe_encode(parsed.raw_id), place)
        if user is not None and passkey.user_id != user.pk:
            raise PasskeyRefused
        place.server.authenticate_complete(state, [_data(passkey)], parsed)
        _note_use(passkey, parsed.response.authenticator_data.counter)
    except MALFORMED:
        raise PasskeyRefused from None
    return passkey.user


def passkey_of(user: User, passkey_id: int) -> Passkey:
    """Raises `NotFound` for one that isn't this person's."""
    found = user.passkeys.filter(pk=passkey_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def remove(user: User, passkey_id: int, *, actor: Actor) -> None:
    """Raises `NotFound` for one that isn't this person's, and what `second_factors.removed` does."""
    second_factors.hold(user)
    passkey_of(user, passkey_id).delete()
    second_factors.removed(user, "passkey", actor=actor)


def _passkey(credential_id: str, place: Place) -> Passkey:
    found = Passkey.objects.select_related("user").filter(credential_id=credential_id, rp_id=place.host).first()
    if found is None or not found.user.is_active:
        raise PasskeyRefused
    return found


def _note_use(passkey: Passkey, count: int) -> None:
    """A counter that doesn't grow is a copy of the device, or the answer sent a second time; synced passkeys have none (0)."""
    row = Passkey.objects.filter(pk=passkey.pk)
    unused = row.filter(sign_count__lt=count) if count or passkey.sign_count else row
    if unused.update(sign_count=count, last_used_at=clock.now()) != 1:
        raise PasskeyRefused


def _credentials(user: User, place: Place) -> list[AttestedCredentialData]:
    return [_data(passkey) for passkey in user.passkeys.filter(rp_id=place.host)]


def _data(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _handle(user: User) -> bytes:
    """Names the person to their device, without saying who it is."""
    return hashlib.sha256(f"{context.current().schema_name}/{user.pk}".encode()).digest()
