"""Personal tokens, `clpt_{tenant}_…`: a person's own key to the API, which may do what the person's role may.

Shown once and stored as an HMAC (kit.tokens). All functions work in the present scope, a tenant's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import PersonalToken, User
from accounts.refusals import TokenExpired, TokenInvalid, TokenRevoked
from audit import events
from cloudlicenses.kit import clock, ids, tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import NotFound
from tenants import context

PREFIX = "clpt"
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue(user: User, name: str, *, actor: Actor, expires_at: datetime | None = None) -> tuple[PersonalToken, str]:
    """A new token of this person's: its row, and its text, which can't be had again."""
    minted = tokens.mint(PREFIX, context.current().tenant_id)
    token = PersonalToken.objects.create(
        id=ids.new_id("token"), user=user, name=name, secret_hash=minted.digest, hint=minted.hint,
        created_at=clock.now(), expires_at=expires_at,
    )  # fmt: skip
    events.record("token.issued", actor=actor, subject=("token", token.id), user=user.pk, name=name)
    return token, minted.text


def recognise(text: str, tenant_id: str) -> User:
    """Whose token this is, and it may be used now; raises `TokenInvalid`, `TokenExpired`, `TokenRevoked`.

    Another tenant's token is as unknown as one that never was.
    """
    if tokens.owner_in(text, PREFIX) != tenant_id:
        raise TokenInvalid
    token = PersonalToken.objects.select_related("user").filter(secret_hash__in=tokens.digests(text)).first()
    if token is None or not token.user.is_active:
        raise TokenInvalid
    _refuse_unless_usable(token)
    _note_use(token)
    return token.user


def roles_of(shown: Sequence[str]) -> dict[str, str]:
    """The roles of the people behind these tokens, as far as they may be used now; one query. A token is given as its
    digests with a space between, and comes back so."""
    if not shown:
        return {}
    of_digest = {digest: one for one in shown for digest in one.split(" ")}
    now = clock.now()
    usable = PersonalToken.objects.filter(secret_hash__in=list(of_digest), user__is_active=True, revoked_at=None)
    rows = usable.exclude(expires_at__lte=now).values_list("secret_hash", "user__role")
    return {of_digest[digest]: role for digest, role in rows}


@transaction.atomic
def revoke(user: User, token_id: str, *, actor: Actor) -> None:
    """From now on the token opens nothing. Repeatable; raises `NotFound` for a token that isn't this person's."""
    token = PersonalToken.objects.select_for_update().filter(pk=token_id, user=user).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        events.record("token.revoked", actor=actor, subject=("token", token.id), user=user.pk)


def _refuse_unless_usable(token: PersonalToken) -> None:
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.expires_at is not None and token.expires_at <= clock.now():
        raise TokenExpired


def _note_use(token: PersonalToken) -> None:
    """Now and then: a row written at every request would cost more than it tells."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
