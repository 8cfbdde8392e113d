"""Personal tokens, `clpt_{tenant}_…`: a person's own key to the API, which may do what the person's role may, or less.

Shown once and stored as an HMAC (kit.tokens). All functions work in the present scope, a tenant's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts import roles
from accounts.models import PersonalToken, User
from accounts.refusals import TokenExpired, TokenInvalid, TokenRevoked
from audit import events
from cloudlicenses.kit import clock, ids, tokens
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound, Said, gettext_noop
from tenants import context

PREFIX = "clpt"
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue(
    user: User, name: str, *, actor: Actor, scopes: Sequence[str] = (), expires_at: datetime | None = None
) -> tuple[PersonalToken, str]:
    """A new token of this person's: its row, and its text, which can't be had again. `scopes` are rights; none: all they have.

    Raises `InvalidInput` for a right that the person hasn't.
    """
    if beyond := sorted(set(scopes) - user.rights):
        lacking = Said(gettext_noop("Your role lacks %(rights)s."), rights=", ".join(beyond))
        raise InvalidInput(errors=[FieldError("scopes", "invalid", lacking)])
    minted = tokens.mint(PREFIX, context.current().tenant_id)
    token = PersonalToken.objects.create(
        id=ids.new_id("token"), user=user, name=name, scopes=sorted(set(scopes)), secret_hash=minted.digest, hint=minted.hint,
        created_at=clock.now(), expires_at=expires_at,
    )  # fmt: skip
    events.record(
        "token.issued", actor=actor, subject=("token", token.id), user=user.pk, name=name, scopes=token.scopes
    )
    return token, minted.text


def recognise(text: str, tenant_id: str) -> PersonalToken:
    """The token, with its user, and it may be used now; raises `TokenInvalid`, `TokenExpired`, `TokenRevoked`.

    Another tenant's token is as unknown as one that never was.
    """
    if tokens.owner_in(text, PREFIX) != tenant_id:
        raise TokenInvalid
    token = PersonalToken.objects.select_related("user").filter(secret_hash__in=tokens.digests(text)).first()
    if token is None or not token.user.is_active:
        raise TokenInvalid
    _refuse_unless_usable(token)
    _note_use(token)
    return token


def rights_of(shown: Sequence[str]) -> dict[str, frozenset[str]]:
    """What these tokens allow, as far as they may be used now; one query. A token is given as its digests with a space
    between, and comes back so."""
    if not shown:
        return {}
    of_digest = {digest: one for one in shown for digest in one.split(" ")}
    now = clock.now()
    usable = PersonalToken.objects.filter(secret_hash__in=list(of_digest), user__is_active=True, revoked_at=None)
    rows = usable.exclude(expires_at__lte=now).values_list("secret_hash", "user__role", "scopes")
    return {
        of_digest[digest]: roles.rights_of(role) & (frozenset(scopes) or roles.rights_of(role))
        for digest, role, scopes in rows
    }


@transaction.atomic
def revoke(user: User, token_id: str, *, actor: Actor) -> None:
    """From now on the token opens nothing. Repeatable; raises `NotFound` for a token that isn't this person's."""
    token = token_of(user, token_id, for_update=True)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        events.record("token.revoked", actor=actor, subject=("token", token.id), user=user.pk)


@transaction.atomic
def revoke_leaked(text: str, *, actor: Actor, found_at: str) -> bool:
    """Whoever has the text of a token may end it; whether it had been usable. `token.leaked` tells its user."""
    found = PersonalToken.objects.select_for_update(of=("self",)).filter(secret_hash__in=tokens.digests(text))
    token = found.select_related("user").first()
    if token is None or state_of(token, clock.now()) != "active":
        return False
    revoke(token.user, token.id, actor=actor)
    events.record(
        "token.leaked", actor=actor, subject=("token", token.id), user=token.user_id, name=token.name, found_at=found_at
    )
    return True


def tokens_of(user: User) -> QuerySet[PersonalToken]:
    """All of this person's, the newest first."""
    return user.tokens.order_by("-created_at", "id")


def token_of(user: User, token_id: str, *, for_update: bool = False) -> PersonalToken:
    """Raises `NotFound` for a token that isn't this person's."""
    rows = PersonalToken.objects.select_for_update() if for_update else PersonalToken.objects.all()
    token = rows.filter(pk=token_id, user=user).first()
    if token is None:
        raise NotFound
    return token


def state_of(token: PersonalToken, now: datetime) -> str:
    """`revoked`, `expired` or `active`."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "active"


def _refuse_unless_usable(token: PersonalToken) -> None:
    state = state_of(token, clock.now())
    if state == "revoked":
        raise TokenRevoked
    if state == "expired":
        raise TokenExpired


def _note_use(token: PersonalToken) -> None:
    """Now and then: a row written at every request would cost more than it tells."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
